package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"flotilla.dev/native/helm-worker/isolate"
)

// longestLine bounds one message from the owner; a packaged chart in base64 fits well.
const longestLine = 96 << 20

type request struct {
	ID     int64           `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	// Answer is set on the reply to a lookup instead of Method.
	Answer *lookupAnswer `json:"answer"`
}

type lookupQuery struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
}

type lookupAnswer struct {
	Object map[string]any `json:"object"`
	Error  string         `json:"error"`
}

type response struct {
	ID     int64        `json:"id"`
	Item   any          `json:"item,omitempty"`
	Lookup *lookupQuery `json:"lookup,omitempty"`
	Result any          `json:"result,omitempty"`
	Error  *failure     `json:"error,omitempty"`
}

// failure is an error with a code of the catalogue that the owner throws on.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	Field   string `json:"field,omitempty"`
}

func (f *failure) Error() string { return f.Message }

func failf(code, format string, args ...any) *failure {
	return &failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

// asFailure keeps a code that was chosen where the error arose.
func asFailure(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return &failure{Code: "render.failed", Message: shorten(err.Error())}
}

// longestMessage bounds an error; nested templates repeat themselves, and the cause stands at the end.
const longestMessage = 2000

func shorten(message string) string {
	if len(message) <= longestMessage {
		return message
	}
	return strings.ToValidUTF8(message[:longestMessage/2]+" … "+message[len(message)-longestMessage/2:], "")
}

type connection struct {
	in  *bufio.Reader
	out *bufio.Writer
}

func newConnection(in io.Reader, out io.Writer) *connection {
	return &connection{in: bufio.NewReaderSize(in, 1<<16), out: bufio.NewWriterSize(out, 1<<16)}
}

// read gives the next message, or io.EOF when the owner is done.
func (c *connection) read() (*request, error) {
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > longestLine {
			return nil, errors.New("message is too long")
		}
		if err == nil {
			break
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
	var message request
	if err := json.Unmarshal(line, &message); err != nil {
		return nil, err
	}
	return &message, nil
}

func (c *connection) write(message response) error {
	line, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if _, err := c.out.Write(append(line, '\n')); err != nil {
		return err
	}
	return c.out.Flush()
}

// ask sends a lookup to the owner and waits for its answer. The owner's time limit bounds the wait.
func (c *connection) ask(id int64, query lookupQuery) (map[string]any, error) {
	if err := c.write(response{ID: id, Lookup: &query}); err != nil {
		return nil, err
	}
	reply, err := c.read()
	if err != nil {
		return nil, err
	}
	if reply.Answer == nil || reply.ID != id {
		return nil, errors.New("the owner did not answer a lookup")
	}
	if reply.Answer.Error != "" {
		return nil, errors.New(reply.Answer.Error)
	}
	return reply.Answer.Object, nil
}

// call is one request while it is served.
type call struct {
	id         int64
	connection *connection
	state      isolate.State
}

func (c *call) item(value any) error { return c.connection.write(response{ID: c.id, Item: value}) }

func (c *call) ask(query lookupQuery) (map[string]any, error) { return c.connection.ask(c.id, query) }
