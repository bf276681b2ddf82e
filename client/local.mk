# client - argv and terminal.
