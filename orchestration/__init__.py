"""Movement: the landing reader, the line of stations, publication and the command line. No rule of business."""
