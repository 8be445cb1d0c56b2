package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// object is one document of rendered YAML, as the API server would read it.
type object struct {
	Origin  string
	Content map[string]any
}

// finding is what a person should know although the render succeeded.
type finding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Object  string `json:"object,omitempty"`
	Path    string `json:"path,omitempty"`
	// Paths are all fields that are meant, where Path is only the first of them.
	Paths []string `json:"paths,omitempty"`
}

var newline = []byte("\n")

const sourceComment = "# Source: "

// parseObjects splits a stream of documents, flattens lists and demands a kind and a name of each object.
// `origin` is used for documents that carry no "# Source" of their own; `code` is that of errors. With `strict`
// a key that is there twice is an error, else a finding. Only of hooks may the name be generated.
func parseObjects(stream []byte, origin, code string, strict, hooks bool) ([]object, []finding, error) {
	var objects []object
	var findings []finding
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	at, firstLine, nextLine := 0, 0, 0
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, findings, nil
		}
		if err != nil {
			return nil, nil, failf(code, "%s: %s", origin, err)
		}
		// Parsers count lines from the start of the document; people from the start of the file.
		if found := bytes.Index(stream[at:], document); found >= 0 {
			firstLine = nextLine + bytes.Count(stream[at:at+found], newline)
			at += found + len(document)
			nextLine = firstLine + bytes.Count(document, newline)
		}
		from := origin
		if source, ok := sourceOf(document); ok {
			from = source
		}
		content, twice, err := parseDocument(document)
		if err == nil && twice != "" && strict {
			err = errors.New(twice)
		}
		if err != nil {
			return nil, nil, &failure{Code: code, Message: fmt.Sprintf("%s: %s", from, shiftLines(err.Error(), firstLine)), Field: from}
		}
		if content == nil {
			continue
		}
		if twice != "" {
			findings = append(findings, finding{
				Code: "render.duplicate_key", Message: fmt.Sprintf("%s: %s; the last one counts", from, shiftLines(twice, firstLine)), Object: describe(content),
			})
		}
		flat, err := flatten(content, hooks)
		if err != nil {
			return nil, nil, &failure{Code: code, Message: fmt.Sprintf("%s: %s", from, err), Field: from}
		}
		for _, one := range flat {
			objects = append(objects, object{Origin: from, Content: one})
		}
	}
}

// parseDocument gives nil for a document with nothing in it. A key that is there twice is let through, as
// Helm and kubectl do, but named in `twice`.
func parseDocument(document []byte) (content map[string]any, twice string, err error) {
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		strict := err
		if text, err = yaml.YAMLToJSON(document); err != nil {
			return nil, "", errors.New(summary(strict.Error()))
		}
		twice = summary(strict.Error())
	}
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return nil, "", nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&content); err != nil {
		return nil, "", errors.New("a document is not an object but " + shape(text))
	}
	if len(content) == 0 {
		return nil, "", nil
	}
	return content, twice, nil
}

func shape(text []byte) string {
	switch text[0] {
	case '[':
		return "a list"
	case '"':
		return "a text"
	default:
		return "a single value"
	}
}

// summary is the first line of a parser's report, without its preamble.
func summary(message string) string {
	message = strings.TrimPrefix(message, "error converting YAML to JSON: ")
	message = strings.TrimPrefix(strings.TrimPrefix(message, "yaml: "), "unmarshal errors:\n")
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	return line
}

var lineNumber = regexp.MustCompile(`\bline (\d+)`)

// shiftLines also names the line where the parser does not, which it leaves out for the first of a document.
func shiftLines(message string, by int) string {
	if !lineNumber.MatchString(message) {
		return fmt.Sprintf("line %d: %s", by+1, message)
	}
	return lineNumber.ReplaceAllStringFunc(message, func(found string) string {
		number, _ := strconv.Atoi(strings.TrimPrefix(found, "line "))
		return "line " + strconv.Itoa(number+by)
	})
}

func sourceOf(document []byte) (string, bool) {
	for line := range bytes.Lines(document) {
		text := strings.TrimSpace(string(line))
		if text == "" || text == "---" {
			continue
		}
		return strings.CutPrefix(text, sourceComment)
	}
	return "", false
}

// flatten turns a v1 List (or any ...List with items) into its items, as kubectl does.
func flatten(content map[string]any, hook bool) ([]map[string]any, error) {
	kind, _ := content["kind"].(string)
	items, isList := content["items"].([]any)
	if !isList || !strings.HasSuffix(kind, "List") {
		return []map[string]any{content}, validateObject(content, hook)
	}
	var flat []map[string]any
	for i, item := range items {
		child, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("items[%d] of a %s is not an object", i, kind)
		}
		nested, err := flatten(child, hook)
		if err != nil {
			return nil, err
		}
		flat = append(flat, nested...)
	}
	return flat, nil
}

func validateObject(content map[string]any, hook bool) error {
	for _, field := range []string{"apiVersion", "kind"} {
		if text, ok := content[field].(string); !ok || text == "" {
			return fmt.Errorf("an object has no %s", field)
		}
	}
	metadata, ok := content["metadata"].(map[string]any)
	if !ok {
		return fmt.Errorf("a %s has no metadata", content["kind"])
	}
	if _, isText := metadata["name"].(string); metadata["name"] != nil && !isText {
		return fmt.Errorf("metadata.name of a %s is not a text but %v; put it in quotes", content["kind"], metadata["name"])
	}
	generated, _ := metadata["generateName"].(string)
	// a hook is created, runs and ends: nobody has to find it again by its name
	if name, ok := metadata["name"].(string); (!ok || name == "") && !(hook && generated != "") {
		return fmt.Errorf("a %s has no metadata.name; generated names cannot be delivered twice as one object", content["kind"])
	}
	for _, field := range []string{"labels", "annotations"} {
		switch metadata[field].(type) {
		case nil, map[string]any:
		default:
			return fmt.Errorf("metadata.%s of %s is not a map", field, describe(content))
		}
	}
	if namespace, ok := metadata["namespace"]; ok && namespace != nil {
		if _, isText := namespace.(string); !isText {
			return fmt.Errorf("metadata.namespace of %s is not a text", describe(content))
		}
	}
	return nil
}

// describe names an object as a person does: "Deployment shop/web".
func describe(content map[string]any) string {
	kind, _ := content["kind"].(string)
	metadata, _ := content["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	if generated, _ := metadata["generateName"].(string); name == "" {
		name = generated
	}
	if namespace, _ := metadata["namespace"].(string); namespace != "" {
		return kind + " " + namespace + "/" + name
	}
	return kind + " " + name
}
