"""What is seen through the cameras, while somebody watches: streams relayed as they are, single pictures fetched again and again."""
