// Packs an order every now and then; as `worker report` it lists the goods once and ends.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type item struct {
	Name  string `json:"name"`
	Price string `json:"price"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	api := env("SHOP_API", "http://shop-api")
	if len(os.Args) > 1 && os.Args[1] == "report" {
		items, err := read(ctx, api)
		if err != nil {
			log.Fatalf("no report: %v", err)
		}
		for _, one := range items {
			log.Printf("%-12s %s", one.Name, one.Price)
		}
		return
	}
	every, err := time.ParseDuration(env("EVERY", "5s"))
	if err != nil || every <= 0 {
		log.Fatalf("EVERY: %q is no duration above zero", os.Getenv("EVERY"))
	}
	log.Printf("worker %s: an order every %s", env("VERSION", "dev"), every)
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for order := 1; ; order++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		items, err := read(ctx, api)
		switch {
		case err != nil:
			log.Printf("order %d waits: %v", order, err)
		case len(items) > 0:
			one := items[order%len(items)]
			log.Printf("order %d packed: %s, %s", order, one.Name, one.Price)
		}
	}
}

func read(ctx context.Context, api string) ([]item, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/items", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", api, answer.Status)
	}
	var items []item
	return items, json.NewDecoder(answer.Body).Decode(&items)
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
