"""What is told, and when: storyboards, timelines and exact time."""
