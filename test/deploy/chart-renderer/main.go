// Renders a Helm chart as Helm would, where Helm itself is not installed: the template engine and
// the functions are the same ones (text/template and sprig). It knows what our chart uses: values,
// .Release, .Chart, .Capabilities, .Files, .Template, include, tpl, required, toYaml and fromYaml,
// toJson and fromJson, and a lookup that finds what it is told to. It knows no subcharts, no hooks
// and no schema of values.
//
//	chart-renderer CHART RELEASE NAMESPACE [VALUES.yaml ...] [--there OBJECTS.yaml]
//
// Like Helm it writes every template with its source before it. Unlike Helm it refuses a value that
// is not there ("<no value>"), which Helm prints as nothing.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type values = map[string]interface{}

type files struct{ folder string }

func (f files) Get(name string) string {
	text, err := os.ReadFile(filepath.Join(f.folder, name))
	if err != nil {
		return ""
	}
	return string(text)
}

type apiVersions []string

func (known apiVersions) Has(version string) bool {
	for _, one := range known {
		if one == version {
			return true
		}
	}
	return false
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(words []string) error {
	if len(words) < 3 {
		return errors.New("chart-renderer CHART RELEASE NAMESPACE [VALUES.yaml ...] [--there OBJECTS.yaml]")
	}
	folder, release, namespace := words[0], words[1], words[2]
	var there []values
	given := []string{filepath.Join(folder, "values.yaml")}
	for i := 3; i < len(words); i++ {
		if words[i] != "--there" {
			given = append(given, words[i])
			continue
		}
		i++
		if i == len(words) {
			return errors.New("--there names no file")
		}
		if err := read(words[i], &there); err != nil {
			return err
		}
	}

	merged := values{}
	for _, file := range given {
		more := values{}
		if err := read(file, &more); err != nil {
			return err
		}
		merge(merged, more)
	}

	chart := values{}
	if err := read(filepath.Join(folder, "Chart.yaml"), &chart); err != nil {
		return err
	}
	top := values{
		"Values": merged,
		"Chart":  capitalised(chart),
		"Release": values{
			"Name": release, "Namespace": namespace, "Service": "Helm",
			"Revision": 1, "IsInstall": true, "IsUpgrade": false,
		},
		"Capabilities": values{
			"KubeVersion": values{"Version": "v1.34.0", "Major": "1", "Minor": "34"},
			"APIVersions": apiVersions{"v1", "apps/v1", "policy/v1"},
		},
		"Files": files{folder},
	}
	return render(folder, top, there)
}

func read(file string, into interface{}) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	// Numbers stay as they are written: 1000000 does not become 1e+06.
	numbers := func(decoder *json.Decoder) *json.Decoder {
		decoder.UseNumber()
		return decoder
	}
	if err := yaml.Unmarshal(text, into, numbers); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// Values of a later file win; maps are merged, and null takes a key away.
func merge(into, more values) {
	for key, value := range more {
		if value == nil {
			delete(into, key)
			continue
		}
		before, isMap := into[key].(values)
		after, isMapToo := value.(values)
		if isMap && isMapToo {
			merge(before, after)
			continue
		}
		into[key] = value
	}
}

func capitalised(chart values) values {
	made := values{}
	for key, value := range chart {
		made[strings.ToUpper(key[:1])+key[1:]] = value
	}
	return made
}

func render(folder string, top values, there []values) error {
	names, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	if err != nil {
		return err
	}
	sort.Strings(names)
	all := template.New("chart")
	all.Funcs(functions(all, there))
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := all.New(filepath.Base(name)).Parse(string(text)); err != nil {
			return err
		}
	}
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasPrefix(base, "_") {
			continue
		}
		top["Template"] = values{"Name": base, "BasePath": "templates"}
		var out bytes.Buffer
		if err := all.ExecuteTemplate(&out, base, top); err != nil {
			return err
		}
		if strings.Contains(out.String(), "<no value>") {
			return fmt.Errorf("%s: a value it prints is not there:\n%s", base, out.String())
		}
		if strings.HasSuffix(base, ".txt") {
			fmt.Printf("---\n# NOTES: %s\n", strings.ReplaceAll(out.String(), "\n", "\n# NOTES: "))
			continue
		}
		fmt.Printf("---\n# Source: templates/%s\n%s\n", base, out.String())
	}
	return nil
}

func functions(all *template.Template, there []values) template.FuncMap {
	known := sprig.TxtFuncMap()
	// Helm has none that look at the machine it runs on.
	delete(known, "env")
	delete(known, "expandenv")
	known["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	known["tpl"] = func(text string, data interface{}) (string, error) {
		copied, err := all.Clone()
		if err != nil {
			return "", err
		}
		parsed, err := copied.New("tpl").Parse(text)
		if err != nil {
			return "", err
		}
		var out bytes.Buffer
		err = parsed.Execute(&out, data)
		return out.String(), err
	}
	known["required"] = func(message string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	}
	known["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	known["fromYaml"] = func(text string) (values, error) {
		value := values{}
		return value, yaml.Unmarshal([]byte(text), &value)
	}
	known["fromJson"] = func(text string) (values, error) {
		value := values{}
		return value, json.Unmarshal([]byte(text), &value)
	}
	known["lookup"] = func(version, kind, namespace, name string) values {
		for _, one := range there {
			metadata, _ := one["metadata"].(values)
			if one["apiVersion"] == version && one["kind"] == kind &&
				metadata["namespace"] == namespace && metadata["name"] == name {
				return one
			}
		}
		return values{}
	}
	return known
}
