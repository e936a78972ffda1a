"""What a pass comes to in numbers, and which alert was about which incident."""
