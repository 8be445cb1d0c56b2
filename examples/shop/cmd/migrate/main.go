// A job for hooks: it does a migration's motions, counts its own run where it is told to, and fails or hangs on request.
package main

import (
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

func main() {
	name := env("NAME", "migrate")
	if target := os.Getenv("RECORD"); target != "" {
		if err := record(target, name); err != nil {
			log.Fatalf("the run could not be counted: %v", err)
		}
	}
	pause, err := time.ParseDuration(env("SLEEP", "0s"))
	if err != nil {
		log.Fatalf("SLEEP: %v", err)
	}
	log.Printf("%s: to schema %s", name, env("SCHEMA", "1"))
	time.Sleep(pause)
	if os.Getenv("FAIL") == "true" {
		log.Fatalf("%s: told to fail", name)
	}
	log.Printf("%s: done", name)
}

// record adds a line to file:///PATH, or posts to http://HOST/PATH. A line is short, so appending it is atomic.
func record(target, name string) error {
	at, err := url.Parse(target)
	if err != nil {
		return err
	}
	if at.Scheme == "file" {
		if err := os.MkdirAll(filepath.Dir(at.Path), 0o777); err != nil {
			return err
		}
		file, err := os.OpenFile(at.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			return err
		}
		defer file.Close()
		host, _ := os.Hostname()
		_, err = fmt.Fprintf(file, "%s %s %s\n", time.Now().UTC().Format(time.RFC3339Nano), name, host)
		return err
	}
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Post(target, "text/plain", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("%s answered %s", target, answer.Status)
	}
	return nil
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
