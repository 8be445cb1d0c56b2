// Keeps pods of one API server in client-go's informers, and prints how much heap each costs: the rival of the
// server's index in bench/memory.ts.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// row holds what the server keeps of a pod. The embedded interface is nil: it stands for the accessors that an informer
// never calls.
type row struct {
	metav1.Object
	namespace, name, version                     string
	state, health, message, owner, node, address string
	labels                                       map[string]string
	images                                       []string
	createdAt, lastAt                            int64
	ready, wanted, count                         int32
}

func (r *row) GetNamespace() string       { return r.namespace }
func (r *row) GetName() string            { return r.name }
func (r *row) GetResourceVersion() string { return r.version }

func slim(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	// copies, or a row would keep the buffer of the whole pod
	kept := &row{
		namespace: strings.Clone(pod.Namespace),
		name:      strings.Clone(pod.Name),
		version:   strings.Clone(pod.ResourceVersion),
		state:     strings.Clone(string(pod.Status.Phase)),
		node:      strings.Clone(pod.Spec.NodeName),
		address:   strings.Clone(pod.Status.PodIP),
		labels:    pod.Labels,
		createdAt: pod.CreationTimestamp.Unix(),
		wanted:    int32(len(pod.Spec.Containers)),
	}
	for _, container := range pod.Spec.Containers {
		kept.images = append(kept.images, strings.Clone(container.Image))
	}
	for _, status := range pod.Status.ContainerStatuses {
		kept.count += status.RestartCount
		if status.Ready {
			kept.ready++
		}
	}
	for _, owner := range pod.OwnerReferences {
		kept.owner = owner.Kind + "/" + owner.Name
	}
	return kept, nil
}

func heap() uint64 {
	var stats runtime.MemStats
	// a second one takes what the first one's finalizers let go
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func run() error {
	kubeconfig := flag.String("kubeconfig", "", "file")
	count := flag.Int("informers", 1, "how many, each with a client of its own")
	isSlim := flag.Bool("slim", false, "keep only what the server keeps")
	flag.Parse()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.QPS = -1
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	before := heap()
	stores := make([]cache.Store, 0, *count)
	for range *count {
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		factory := informers.NewSharedInformerFactoryWithOptions(client, 0,
			informers.WithTweakListOptions(func(options *metav1.ListOptions) { options.LabelSelector = "bench=pod" }))
		informer := factory.Core().V1().Pods().Informer()
		if *isSlim {
			if err := informer.SetTransform(slim); err != nil {
				return err
			}
		}
		factory.Start(ctx.Done())
		if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
			return fmt.Errorf("not synced: %w", ctx.Err())
		}
		stores = append(stores, informer.GetStore())
	}
	after := heap()
	pods := 0
	for _, store := range stores {
		pods += len(store.ListKeys())
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"pods": pods, "bytes": after - before})
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
