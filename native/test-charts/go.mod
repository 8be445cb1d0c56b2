// Public charts that ship inside Go modules, pinned for the tests of packages/render. Nothing here is compiled:
// the tests read the charts from the module cache, unmodified.
module flotilla.dev/native/test-charts

go 1.26.0

require (
	github.com/dapr/dapr v1.14.0
	github.com/envoyproxy/gateway v1.9.1
	k8s.io/ingress-nginx v0.0.0-20240708192948-52c50467d67d
	sigs.k8s.io/descheduler v0.36.0
	sigs.k8s.io/external-dns v0.20.0
	sigs.k8s.io/metrics-server v0.9.0
)
