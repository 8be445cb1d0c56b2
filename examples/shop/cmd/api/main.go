// The shop's goods, and a counter that jobs report their runs to.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

var goods = []struct {
	name  string
	cents int
}{{"Lantern", 2450}, {"Rope, 20 m", 1800}, {"Compass", 3999}, {"Sea chart", 1250}}

const mostCounters = 1000

// counters are in memory: they tell how often something ran while this pod lived.
type counters struct {
	mu   sync.Mutex
	runs map[string]int
}

func main() {
	currency := env("CURRENCY", "EUR")
	discount, _ := strconv.Atoi(env("DISCOUNT_PERCENT", "0"))
	seen := &counters{runs: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) {
		items := make([]map[string]string, 0, len(goods))
		for _, good := range goods {
			cents := good.cents * (100 - discount) / 100
			items = append(items, map[string]string{
				"name":  good.name,
				"price": fmt.Sprintf("%d.%02d %s", cents/100, cents%100, currency),
			})
		}
		answer(w, items)
	})
	mux.HandleFunc("GET /runs", func(w http.ResponseWriter, _ *http.Request) {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		answer(w, seen.runs)
	})
	mux.HandleFunc("POST /runs/{name}", func(w http.ResponseWriter, r *http.Request) {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		name := r.PathValue("name")
		if _, known := seen.runs[name]; !known && len(seen.runs) >= mostCounters {
			http.Error(w, "too many counters", http.StatusInsufficientStorage)
			return
		}
		seen.runs[name]++
		answer(w, map[string]int{name: seen.runs[name]})
	})
	server := &http.Server{Addr: env("LISTEN", ":8080"), Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		<-ctx.Done()
		bounded, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(bounded)
	}()
	log.Printf("listening on %s", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("content-type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
