/** What the tour delivers: the demo's chart under names of the tour's own, with what differs per cluster. */
export const project = `apiVersion: flotilla.dev/v1alpha1
kind: Workspace
metadata: { name: tour }
spec: { displayName: Tour }
---
apiVersion: flotilla.dev/v1alpha1
kind: Project
metadata: { name: tour-shop, namespace: ws-tour }
spec:
  targets:
    - clusters: { names: [east, west] }
      environment: prod
`

export const application = (options: {
  readonly chart: string
  readonly message: string
}): string => `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata: { name: shop, namespace: pj-tour-shop }
spec:
  components:
    - name: shop
      helm: { chart: { path: ${JSON.stringify(options.chart)} } }
      values:
        message: ${JSON.stringify(options.message)}
        web: { replicas: 1 }
  overrides:
    - name: west-is-busy
      clusters: { names: [west] }
      values:
        web: { replicas: 2 }
        accent: '#b45309'
`
