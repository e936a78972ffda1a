import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** By Java's own client: batches of what the stream has ready, each sent until it is taken. */
public final class Forwarder {
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static void deliver(List<String> events) throws InterruptedException {
        StringBuilder body = new StringBuilder("[");
        for (String event : events) {
            body.append(body.length() > 1 ? "," : "").append("{\"ddsource\":\"grantex\",\"message\":");
            body.append(quoted(event)).append("}");
        }
        URI intake = URI.create("https://http-intake.logs." + System.getenv("DD_SITE") + "/api/v2/logs");
        HttpRequest request = HttpRequest.newBuilder(intake)
                .header("DD-API-KEY", System.getenv("DD_API_KEY"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body + "]"))
                .build();
        while (true) {
            try {
                if (HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 202) {
                    return;
                }
            } catch (IOException error) {
                // again
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://api.grantex.dev/v1/events/stream"))
                .header("Authorization", "Bearer " + System.getenv("GRANTEX_API_KEY"))
                .build();
        var answer = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream());
        var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        List<String> events = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data: ")) {
                events.add(line.substring(6));
            }
            if (events.size() == 500 || !events.isEmpty() && !lines.ready()) {
                deliver(events);
                events.clear();
            }
        }
    }
}
