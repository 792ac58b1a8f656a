"""What differs between the engines that can run the model; each registers the same names."""
