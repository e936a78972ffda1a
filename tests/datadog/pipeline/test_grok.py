from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantex_tui.datadog.pipeline.grok import GrokError, parse_grok


NOW = 1_795_490_000_000  # 2026-11-24


def extract(rule, text, support=""):
    (compiled,) = parse_grok(f"rule {rule}", support)
    return compiled.extract(text, now=NOW)


@pytest.mark.parametrize(
    ("matcher", "text", "expected"),
    [
        ("word", "john_1", "john_1"),
        ("word", "two words", None),
        ("word", "é", None),
        ("notSpace", "a-b/c", "a-b/c"),
        ("notSpace", "a b", None),
        ("data", "any thing\nat all", "any thing\nat all"),
        ("integer", "-2", -2),
        ("integer", "+2", 2),
        ("integer", "2.5", None),
        ("integerStr", "-2", "-2"),
        ("integerExt", "-1e+2", -100),
        ("integerExt", "1234.1e+5", None),
        ("integerExtStr", "1e2", "1e2"),
        ("number", "-1.2", -1.2),
        ("number", "-1", -1),
        ("number", ".5", 0.5),
        ("number", "1e5", None),
        ("numberStr", "1.20", "1.20"),
        ("numberExt", "-1234e+3", -1234000),
        ("numberExt", ".1e+3", 100),
        ("numberExtStr", "1.5e3", "1.5e3"),
        ("boolean", "TRUE", True),
        ("boolean", "false", False),
        ("boolean", "yes", None),
        ('boolean("on|yes", "off")', "YES", True),
        ('boolean("on|yes", "off")', "off", False),
        ('regex("[a-z]{3}")', "abc", "abc"),
        ('regex("[a-z]{3}")', "abcd", None),
        (r'regex("\\d+\\.\\d+")', "1.0", "1.0"),
        (r'regex("[^\"]*")', "no quotes", "no quotes"),
        ("doubleQuotedString", '"a b"', '"a b"'),
        ("doubleQuotedString", "'a b'", None),
        ("singleQuotedString", "'a b'", "'a b'"),
        ("quotedString", "'a'", "'a'"),
        ("quotedString", '"a"', '"a"'),
        ("quotedString", "\"a'", None),
        ("uuid", "550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        ("uuid", "550e8400e29b41d4a716446655440000", None),
        ("mac", "00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7"),
        ("mac", "00-1b-44-11-3a-b7", "00-1b-44-11-3a-b7"),
        ("mac", "001b.4411.3ab7", "001b.4411.3ab7"),
        ("mac", "00:1B:44:11:3A", None),
        ("ipv4", "192.168.0.255", "192.168.0.255"),
        ("ipv4", "192.168.0.256", None),
        ("ipv6", "2001:db8::2:1", "2001:db8::2:1"),
        ("ipv6", "::1", "::1"),
        ("ipv6", "::", "::"),
        ("ipv6", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("ipv6", "::ffff:10.0.0.1", "::ffff:10.0.0.1"),
        ("ipv6", "fe80::1%eth0", "fe80::1%eth0"),
        ("ipv6", "1:2:3:4:5:6:7:8:9", None),
        ("ipv6", "12345::", None),
        ("ip", "10.0.0.1", "10.0.0.1"),
        ("ip", "fe80::1", "fe80::1"),
        ("hostname", "web-1.example.com", "web-1.example.com"),
        ("hostname", "-web", None),
        ("ipOrHost", "web-1", "web-1"),
        ("ipOrHost", "10.0.0.1", "10.0.0.1"),
        ("port", "8080", "8080"),
        ("port", "0", None),
        ("port", "123456", None),
    ],
)
def test_matchers_take_the_whole_text_or_nothing(matcher, text, expected):
    found = extract(f"%{{{matcher}:x}}", text)
    assert found == (None if expected is None else {"x": expected})


@pytest.mark.parametrize(
    ("token", "text", "expected"),
    [
        ("data:x:number", "1.0", 1),
        ("data:x:integer", "12", 12),
        ("data:x:lowercase", "aBC", "abc"),
        ("data:x:uppercase", "Abc", "ABC"),
        ("integer:x:scale(10)", "1", 10),
        ("number:x:scale(0.5)", "10.0", 5),
        ("number:x:scale(1000000000)", "0.202", 202000000),
        ("data:x:boolean", "True", True),
        ("data:x:boolean", "NotTrue", False),
        ("data:x:decodeuricomponent", "%2Fservice%2Ftest", "/service/test"),
        ("data:x:querystring", "?a=1&b=2&a=3", {"a": ["1", "3"], "b": "2"}),
        ("data:x:xml", "<a>t</a>", {"a": "t"}),
        (
            "data:x:xml",
            '<book category="CHILDREN"><title lang="en">Harry</title><year>2005</year></book>',
            {
                "book": {
                    "category": "CHILDREN",
                    "title": {"lang": "en", "value": "Harry"},
                    "year": "2005",
                }
            },
        ),
        ("data:x:xml", "<a><b>1</b><b>2</b><b>3</b></a>", {"a": {"b": ["1", "2", "3"]}}),
        (
            "data:x:xml",
            '<n:a xmlns:n="urn:x" n:k="v"><n:b>1</n:b></n:a>',
            {"a": {"k": "v", "b": "1"}},
        ),
        ('notSpace:x:array(",")', "qr,aa,rd", ["qr", "aa", "rd"]),
        ("integer:x", "9223372036854775807", 2**63 - 1),
        ("integer:x", "9223372036854775808", 2.0**63),
        (
            "data:x:rubyhash",
            '{:a=>1, "b c"=>[nil, true, 2.5], d: {:e=>"f\\"g"}}',
            {"a": 1, "b c": [None, True, 2.5], "d": {"e": 'f"g'}},
        ),
        (
            "data:x:rubyhash",
            "{:t=>#<Thread:0x6b run, 1>, :s=>:sym}",
            {"t": "#<Thread:0x6b run, 1>", "s": "sym"},
        ),
        ("data:x:rubyhash", '{:a=>["cut", "short"}', {"a": ["cut", "short"]}),
        ("data:x:json", '{"a": {"b": [1, null]}}', {"a": {"b": [1, None]}}),
        ("data:x:json", '{"a.b": "c"}', {"a": {"b": "c"}}),
        ("data:x:array", "[1,2]", ["1", "2"]),
        (r'data:x:array("\\t")', "[1\t2]", ["1", "2"]),
        (r'data:x:array("[]","\\n")', "[1\n2]", ["1", "2"]),
        ('data:x:array("","-")', "1-2", ["1", "2"]),
        ("data:x:array(integer)", "[1,2]", [1, 2]),
        ('data:x:array(";", integer)', "[1;2]", [1, 2]),
        ('data:x:array("{}",";", scale(10))', "{1;2.1}", [10, 21]),
        ('data:x:csv("a,b,c")', "1,two,3.5", {"a": 1, "b": "two", "c": 3.5}),
        (
            "data:x:url",
            "https://u:secret@api.example.com/v1/orders?user_id=12345",
            {
                "scheme": "https",
                "host": "api.example.com",
                "path": "/v1/orders",
                "queryString": {"user_id": "12345"},
            },
        ),
    ],
)
def test_filters_transform_what_was_matched(token, text, expected):
    assert extract(f"%{{{token}}}", text) == {"x": expected}


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ('notSpace:x:nullIf("-")', "-"),
        ("data:x:integer", "abc"),
        ("data:x:json", "not json"),
        ("data:x:json", "[" * 50_000),
        ("data:x:json", '{"a": NaN}'),
        ("data:x:json", '{"root": {"empty": {}}}'),
        ("data:x:array", "abc"),
        ("data:x:array(scale(10))", "[a,b]"),
        ("data::integer", "1"),
        ("data:x:xml", "<a"),
        ("data:x:xml", "no xml"),
        ("data:x:xml", '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'),
        ("data:x:xml", "<a>" * 5000 + "</a>" * 5000),
        ("data:x:xml", "<a>\ud800</a>"),
        ("data:x:rubyhash", "{:a}"),
        ("data:x:rubyhash", "[1]"),
        ("data:x:rubyhash", "{:a=>" * 100),
        ("data:x:integerExt", "1e999"),
        ("data:x:url", "no url"),
        ('data:x:csv("a,b")', ""),
    ],
)
def test_a_field_whose_filter_fails_or_gives_nothing_is_left_out(token, text):
    assert extract(f"%{{{token}}}", text) == {}


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        ("", "key=valueStr", {"key": "valueStr"}),
        ("", "key=<valueStr>", {"key": "valueStr"}),
        ("", '"key"="valueStr"', {"key": "valueStr"}),
        ("", "'key'='valueStr'", {"key": "valueStr"}),
        ('(":")', "key:valueStr", {"key": "valueStr"}),
        ('(":", "/")', 'key:"/valueStr"', {"key": "/valueStr"}),
        ('(":", "/")', "/key:/valueStr", {"/key": "/valueStr"}),
        ('(":=", "", "{}")', "key:={valueStr}", {"key": "valueStr"}),
        ('("=", "", "", "|")', "key1=value1|key2=value2", {"key1": "value1", "key2": "value2"}),
        ('("=", "", "", "|")', 'key1="value1"|key2="value2"', {"key1": "value1", "key2": "value2"}),
        (
            '(":=","","<>")',
            'key1:=valueStr key2:=</valueStr2> key3:="valueStr3"',
            {"key1": "valueStr", "key2": "/valueStr2"},
        ),
        ('(": ")', "user: john id: 123", {"user": "john", "id": 123}),
        (
            '("=","/:")',
            "url=https://app.datadoghq.com/event/stream user=john",
            {"url": "https://app.datadoghq.com/event/stream", "user": "john"},
        ),
        ("", "key1=value1, key2=value2", {"key1": "value1", "key2": "value2"}),
        ('("="," ")', "key1=value1, key2 = value 2 ", {"key1": "value1", "key2": "value 2"}),
        ("", "key1=value1;key2=value2", {"key1": "value1", "key2": "value2"}),
        ("", "key:=valueStr", {}),
        ("", "key1= key2=null key3=value3", {"key3": "value3"}),
        ("", "key1=,key2=null,key3= ,key4=value4", {"key4": "value4"}),
        ("", "=,=value", {}),
        (
            "",
            "float=1.2,boolean=true,null=null,string=abc,integer1=11",
            {"float": 1.2, "boolean": True, "string": "abc", "integer1": 11},
        ),
        ("", "key = valueStr", {}),
        ("", "field=2.0e", {"field": "2.0e"}),
        (r'("=", "\\w.\\-_@:")', "IN=eth0 OUT= MAC", {"IN": "eth0"}),
        ("", "db.name=my_db,db.operation=insert", {"db": {"name": "my_db", "operation": "insert"}}),
        (
            '(": ",",")',
            'client: 217.92.148.44, server: localhost, request: "HEAD http://a:80/sql/ HTTP/1.1", host: "174.138.82.103"',
            {
                "client": "217.92.148.44",
                "server": "localhost",
                "request": "HEAD http://a:80/sql/ HTTP/1.1",
                "host": "174.138.82.103",
            },
        ),
        ("", "a=1, a=1, a=2", {"a": [1, 1, 2]}),
        ('("=", " ")', "a key=value", {}),
        ("", "a=07", {"a": 7}),
        ("", "a=08", {"a": "08"}),
        ("", 'quoted="12"', {"quoted": "12"}),
        ("", "a=9223372036854775807 b=9223372036854775808", {"a": 2**63 - 1, "b": 2.0**63}),
        ('("=", ":[]")', "listen=[::]:3128 a=1", {"listen": "[::]:3128", "a": 1}),
        ('("=", "[::]")', "listen=[::] a=1", {"listen": "[::]", "a": 1}),
        (r'("=", ",:\\[=\\]")', "a=3m0s, b=[x]", {"a": "3m0s", "b": "[x]"}),
        ('("=", "", "\\"\'`")', "a=`x y` b='z'", {"a": "x y", "b": "z"}),
    ],
)
def test_keyvalue_reads_pairs(arguments, text, expected):
    assert extract(f"%{{data::keyvalue{arguments}}}", text) == expected


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        ('"firstname,name"', "John,Doe", {"firstname": "John", "name": "Doe"}),
        ('"firstname,name"', '"John ""Da Man""",Doe', {"firstname": 'John "Da Man"', "name": "Doe"}),
        ('"firstname,name",",","\'"', "'John ''Da Man''',Doe", {"firstname": "John 'Da Man'", "name": "Doe"}),
        ('"firstname,name","|"', "John|Doe", {"firstname": "John", "name": "Doe"}),
        ('"firstname,name","tab"', "John\tDoe", {"firstname": "John", "name": "Doe"}),
        ('"key1,key2"', "value1,value2,value3", {"key1": "value1", "key2": "value2"}),
        ('"key1,key2,key3"', "value1,value2", {"key1": "value1", "key2": "value2"}),
        ('"key1,key2,key3"', "value1,,value3", {"key1": "value1", "key3": "value3"}),
        (
            '"first_name,name,st_nb,st_name,city"',
            "John,Doe,120,Jefferson St.,Riverside",
            {"first_name": "John", "name": "Doe", "st_nb": 120, "st_name": "Jefferson St.", "city": "Riverside"},
        ),
    ],
)  # fmt: skip
def test_csv_reads_columns(arguments, text, expected):
    assert extract(f"%{{data::csv({arguments})}}", text) == expected


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        (
            '%{word:user} connected on %{date("MM/dd/yyyy"):connect_date}',
            "john connected on 11/08/2017",
            {"user": "john", "connect_date": 1510099200000},
        ),
        (
            "(%{integer:user.id}|%{word:user.firstname}) connected",
            "12345 connected",
            {"user": {"id": 12345}},
        ),
        (
            "(%{integer:user.id}|%{word:user.firstname}) connected",
            "john connected",
            {"user": {"firstname": "john"}},
        ),
        (
            "%{word:user.firstname} (%{integer:user.id} )?connected",
            "john connected",
            {"user": {"firstname": "john"}},
        ),
        (
            r'%{date("MMM dd HH:mm:ss"):timestamp} %{word:vm} %{word:app}\[%{number:logger.thread_id}\]: %{notSpace:server} %{data::json}',
            'Sep 06 09:13:38 vagrant program[123]: server.1 {"method":"GET", "status_code":200}',
            {
                "timestamp": 1788686018000,
                "vm": "vagrant",
                "app": "program",
                "logger": {"thread_id": 123},
                "server": "server.1",
                "method": "GET",
                "status_code": 200,
            },
        ),
        (
            '%{regex("[a-z]*"):user.firstname}_%{regex("[a-zA-Z0-9]*"):user.id} .*',
            "john_1a2b3c4 connected on 11/08/2017",
            {"user": {"firstname": "john", "id": "1a2b3c4"}},
        ),
        (
            'Users %{data:users:array("[]",",")} have been added to the database',
            "Users [John, Oliver, Marc, Tom] have been added to the database",
            {"users": ["John", " Oliver", " Marc", " Tom"]},
        ),
        (
            'Users %{data:users:array("{}","-")} have been added to the database',
            "Users {John-Oliver-Marc-Tom} have been added to the database",
            {"users": ["John", "Oliver", "Marc", "Tom"]},
        ),
        (
            r'%{regex("\\w"):level}%{date("MMdd HH:mm:ss.SSSSSS"):timestamp}\s+%{number:logger.thread_id} %{notSpace:logger.name}:%{number:logger.lineno}\] %{data:msg}',
            "W0424 11:47:41.605188       1 authorization.go:47] Authorization is disabled",
            {
                "level": "W",
                "timestamp": 1808567261605,
                "logger": {"thread_id": 1, "name": "authorization.go", "lineno": 47},
                "msg": "Authorization is disabled",
            },
        ),
        ("%{notSpace:a} %{notSpace:a:integer}", "x 2", {"a": ["x", 2]}),
        ("a%{data:x},%{data:y}", "a1,2,3", {"x": "1", "y": "2,3"}),
        ("a%{greedyData:x},%{data:y}", "a1,2,3", {"x": "1,2", "y": "3"}),
        ("%{?>notSpace:level}:%{data:x}", "LOG:a", {"level": "LOG", "x": "a"}),
        ('%{regex("(?<all>.*)")::keyvalue}', "all=1 b=2", {"all": 1, "b": 2}),
        ('%{data:field["quoted name"]}', "abc", {"field": {"quoted name": "abc"}}),
        ("%{data:@parent.$child}", "abc", {"@parent": {"$child": "abc"}}),
        (r"(?<field>\w+)", "abc", {"field": "abc"}),
        (r"(?P<nested.name>\w+)", "abc", {"nested": {"name": "abc"}}),
        ("(?i)ABC %{word:x}", "abc d", {"x": "d"}),
        ("x(?i)b|c", "xB", {}),
        ("[[:digit:]]+ %{word:x}", "12 d", {"x": "d"}),
        (r"\Qa.b\E %{word:x}", "a.b d", {"x": "d"}),
        (r"(?>a|ab)c", "ac", {}),
    ],
)  # fmt: skip
def test_rules_as_on_datadogs_page(rule, text, expected):
    assert extract(rule, text) == expected


def test_a_dot_takes_lines_unless_told_otherwise():
    assert extract("a.b", "a\nb") == {}
    assert extract("(?-s)a.b", "a\nb") is None
    assert extract("a.b(?-s).", "a\nb\n") is None


def test_support_rules_are_used_by_name_and_may_use_each_other():
    support = """
        user %{word:user.name} id:%{integer:user.id}
        connection connected on %{date("MM/dd/yyyy"):connect_date}
        server on server %{notSpace:server.name} in %{_env}
        _env %{notSpace:server.env}
    """
    text = "john id:12345 connected on 11/08/2017 on server XYZ in production"
    assert extract("%{user} %{connection} %{server}", text, support) == {
        "user": {"name": "john", "id": 12345},
        "connect_date": 1510099200000,
        "server": {"name": "XYZ", "env": "production"},
    }


def test_a_support_rule_can_be_extracted_and_filtered_as_a_whole():
    support = "pair %{notSpace:a} %{notSpace:b:integer}"
    assert extract("%{pair:both:uppercase}", "x 1", support) == {"both": "X 1", "a": "x", "b": 1}


def test_a_match_rule_may_use_the_ones_above_it():
    rules = parse_grok("one %{word:x}\ntwo %{one} %{word:y}")
    assert rules[1].extract("a b", now=NOW) == {"x": "a", "y": "b"}


def test_blank_lines_and_comments_are_skipped_and_order_is_kept():
    rules = parse_grok("\n# first\n  a %{integer:n}\n\n  b %{data:text}\n")
    assert [rule.name for rule in rules] == ["a", "b"]


@pytest.mark.parametrize(
    ("rules", "support", "message"),
    [
        ("r %{wrod:x}", "", "rule 'r': unknown matcher or rule 'wrod', did you mean 'word'?"),
        ("r %{data:x:lowercas}", "", "unknown filter 'lowercas', did you mean 'lowercase'?"),
        ("r %{data:x:scale()}", "", "scale takes one number"),
        ("r %{regex(1):x}", "", "regex: argument 1 must be a text in double quotes"),
        ("r %{regex:x}", "", "regex takes one text"),
        ("r %{data:x", "", "%{ is never closed"),
        ("r %{a:b:c:d}", "", "more parts than MATCHER:EXTRACT:FILTER"),
        ("r (%{word:x}", "", "not a regular expression"),
        ("r [[:foo:]]", "", "[:foo:]"),
        ('r %{date("bb"):x}', "", "letter 'b' is not known"),
        ('r %{date("HH", "Nowhere/City"):x}', "", "is no timezone"),
        ("r %{date:x}", "", "date() needs a pattern"),
        ("r %{a}", "a %{b}\nb %{a}", "a -> b -> a goes round in a circle"),
        ("lonely", "", "'lonely' is no rule"),
        ("r %{word:x}\nr %{word:y}", "", "rule 'r' is defined twice"),
        ('r %{data:x:csv("a,b", "--")}', "", "csv takes header names"),
        ('r %{data:x:array("[[]]", ",")}', "", "array: brackets"),
    ],
)  # fmt: skip
def test_says_which_rule_is_wrong_and_why(rules, support, message):
    with pytest.raises(GrokError) as caught:
        parse_grok(rules, support)
    assert message in str(caught.value)


def test_rules_that_multiply_are_refused_before_they_fill_the_memory():
    support = "\n".join(f"r{n} " + f"%{{r{n + 1}}}" * 10 for n in range(9)) + "\nr9 %{data}"
    with pytest.raises(GrokError, match="characters once its parts are in place"):
        parse_grok("r %{r0}", support)


@pytest.mark.parametrize(
    "pattern",
    [r"(\w+\s*)*x%{data:y}", "(?:a?){60}a{60}%{data:y}", r"(\n|\t|\s|a)+x%{data:y}"],
)
def test_rules_that_re2_takes_are_linear(pattern):
    (rule,) = parse_grok(f"r {pattern}")
    started = time.process_time()
    rule.extract("a" * 5000, now=NOW)
    assert time.process_time() - started < 1
    assert rule.approximations == ()


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(?>ab|a)%{data:y}", "abc", {"y": "c"}),
        ("(?=a)%{word:y}", "abc", {"y": "abc"}),
        ("(?<!x)%{word:y}", "abc", {"y": "abc"}),
        ("a{1,5000}%{data:y}", "aaab", {"y": "b"}),
        ("a++%{data:y}", "aaab", {"y": "b"}),
        ("(?>a+)a%{data:y}", "aaab", None),
    ],
)
def test_what_re2_refuses_is_matched_all_the_same(pattern, text, found):
    assert extract(pattern, text) == found


def test_a_match_that_takes_for_ever_is_ended():
    (rule,) = parse_grok(r"r (?=a)(a|aa)+[xy]%{data:y}")
    with pytest.raises(TimeoutError):
        rule.extract("a" * 5000, now=NOW)


def test_a_text_longer_than_datadog_keeps_is_not_tried():
    assert extract("%{data:x}", "a" * (75 * 1024 + 1)) is None
    assert extract("%{data:x}", "a" * (75 * 1024)) is not None


def test_says_which_attributes_a_rule_may_set():
    assert parse_grok("r %{word:a.b} %{data:c:json}")[0].writes == {"a.b", "c"}
    assert parse_grok("r %{data::keyvalue}")[0].writes == {""}


PIECES = [
    "%{",
    "}",
    ":",
    "(",
    ")",
    '"',
    "word",
    "data",
    "x",
    "array",
    "keyvalue",
    ",",
    "\\",
    "[",
    "]",
    "*",
    "?<",
    " ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.text(max_size=20))
def test_any_text_is_a_rule_or_a_clear_refusal(pattern, text):
    try:
        rules = parse_grok(f"rule {pattern}")
    except GrokError as error:
        assert str(error)  # noqa: PT017 - either outcome is fine
    else:
        for rule in rules:
            rule.extract(text, now=NOW)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a=1e3", "1000"),
        ("a=2.50", "2.5"),
        ("a=1e300", "1e+300"),
        ("a=0x1", "'0x1'"),
        ("a=1e999", "'1e999'"),
    ],
)
def test_keyvalue_keeps_whole_numbers_as_integers(text, shown):
    found = extract("%{data::keyvalue}", text)
    assert found is not None
    assert repr(found["a"]) == shown
