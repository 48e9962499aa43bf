module loopmark/runner

go 1.24
