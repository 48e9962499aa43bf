module loopmark/blades

go 1.24.0

require (
	github.com/go-kratos/blades v0.5.0
	github.com/go-kratos/blades/contrib/openai v0.3.0
	github.com/google/jsonschema-go v0.3.0
	github.com/openai/openai-go/v3 v3.8.1
	loopmark/runner v0.0.0
)

require (
	github.com/go-kratos/kit v0.0.0-20251121083925-65298ad2aa44 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/tidwall/gjson v1.18.0 // indirect
	github.com/tidwall/match v1.2.0 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	golang.org/x/sync v0.18.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace loopmark/runner => ../shared/go
