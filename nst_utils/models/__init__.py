"""Where trained weights come from: VGG19, Magenta's model, TF-Hub, the package index."""
