/** Two departments, each with a project in a cluster of its own. */
export const departments = `apiVersion: flotilla.dev/v1alpha1
kind: Workspace
metadata: { name: tour-red }
spec: { displayName: Red, clusters: { names: [east] } }
---
apiVersion: flotilla.dev/v1alpha1
kind: Workspace
metadata: { name: tour-blue }
spec: { displayName: Blue, clusters: { names: [west] } }
---
apiVersion: flotilla.dev/v1alpha1
kind: Project
metadata: { name: tour-rose, namespace: ws-tour-red }
spec:
  targets: [{ clusters: { names: [east] } }]
  quota: { hard: { pods: '5', requests.memory: 512Mi } }
  limits: { defaultRequest: { memory: 32Mi } }
---
apiVersion: flotilla.dev/v1alpha1
kind: Project
metadata: { name: tour-sky, namespace: ws-tour-blue }
spec:
  targets: [{ clusters: { names: [west] } }]
`

/** A pod with a shell in it, of the demo's own image. */
export const pod = (image: string): string => `apiVersion: v1
kind: Pod
metadata: { name: desk }
spec:
  terminationGracePeriodSeconds: 0
  containers: [{ name: desk, image: ${image}, command: [sleep, '3600'] }]
`

/** One that asks for more memory than the project has. */
export const greedyPod = (image: string): string => `apiVersion: v1
kind: Pod
metadata: { name: greedy }
spec:
  containers: [{ name: greedy, image: ${image}, resources: { requests: { memory: 1Gi } } }]
`
