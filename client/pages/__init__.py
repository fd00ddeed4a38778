"""The pages of the app, one file for each subject."""
