// The shop's front: one page that says what it is and where it runs, with the goods that the API names.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type facts struct {
	Message string `json:"message"`
	Version string `json:"version"`
	Cluster string `json:"cluster"`
	Pod     string `json:"pod"`
	Accent  string `json:"accent"`
}

type item struct {
	Name  string `json:"name"`
	Price string `json:"price"`
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{.Facts.Message}}</title>
<meta name="viewport" content="width=device-width">
<style>
body{font:16px/1.5 system-ui,sans-serif;margin:4rem auto;max-width:36rem;padding:0 1rem;color:#1d2430}
h1{color:{{.Facts.Accent}}} table{width:100%;border-collapse:collapse} td{padding:.4rem 0;border-top:1px solid #e3e7ee}
td:last-child{text-align:right;font-variant-numeric:tabular-nums} small{color:#677489}
</style>
<h1>{{.Facts.Message}}</h1>
{{if .Items}}<table>{{range .Items}}<tr><td>{{.Name}}<td>{{.Price}}{{end}}</table>{{else}}<p>The shelves are being filled.</p>{{end}}
<p><small>version {{.Facts.Version}} · cluster {{.Facts.Cluster}} · pod {{.Facts.Pod}}</small></p>
</html>`))

func main() {
	own := facts{
		Message: env("MESSAGE", "Welcome"),
		Version: env("VERSION", "dev"),
		Cluster: env("CLUSTER", "unknown"),
		Pod:     env("POD_NAME", "unknown"),
		Accent:  env("ACCENT", "#2f6feb"),
	}
	api := env("API_URL", "")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		_ = json.NewEncoder(w).Encode(own)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("content-type", "text/html; charset=utf-8")
		if err := page.Execute(w, map[string]any{"Facts": own, "Items": goods(r.Context(), api)}); err != nil {
			log.Print(err)
		}
	})
	serve(env("LISTEN", ":8080"), mux)
}

// goods asks the API; a shop without it still opens, with empty shelves.
func goods(ctx context.Context, api string) []item {
	if api == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/items", nil)
	if err != nil {
		return nil
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Printf("the API does not answer: %v", err)
		return nil
	}
	defer answer.Body.Close()
	var items []item
	if err := json.NewDecoder(http.MaxBytesReader(nil, answer.Body, 1<<20)).Decode(&items); err != nil {
		return nil
	}
	return items
}

func serve(address string, handler http.Handler) {
	server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		<-ctx.Done()
		bounded, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(bounded)
	}()
	log.Printf("listening on %s", address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
