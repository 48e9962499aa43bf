module loopmark/@name@

go 1.24

require loopmark/runner v0.0.0

replace loopmark/runner => ../shared/go
