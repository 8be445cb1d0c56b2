/** What the tour delivers: the demo's chart in three places of two clusters, first as it is edited, then by releases only. */
export const project = `apiVersion: flotilla.dev/v1alpha1
kind: Workspace
metadata: { name: tour-market }
spec: { displayName: Tour of releases }
---
apiVersion: flotilla.dev/v1alpha1
kind: Project
metadata: { name: tour-store, namespace: ws-tour-market }
spec:
  targets:
    - { clusters: { names: [east] }, namespace: tour-staging, environment: staging }
    - { clusters: { names: [east, west] }, environment: prod }
`

export const application = (options: {
  readonly chart: string
  readonly mode: 'direct' | 'governed'
  readonly message: string
  readonly key: string
}): string => `apiVersion: flotilla.dev/v1alpha1
kind: Application
metadata: { name: shop, namespace: pj-tour-store }
spec:
  mode: ${options.mode}
  components:
    - name: shop
      helm: { chart: { path: ${JSON.stringify(options.chart)} } }
      values:
        message: ${JSON.stringify(options.message)}
        migration: { enabled: false }
    - name: settings
      manifests:
        inline: |
          apiVersion: v1
          kind: Secret
          metadata: { name: payment }
          stringData: { key: ${options.key} }
`

/** The migration has the shop's API count its run, and the test asks a ConfigMap of staging what the page should say. */
export const plan = `apiVersion: flotilla.dev/v1alpha1
kind: Plan
metadata: { name: staged, namespace: pj-tour-store }
spec:
  description: Staging, one place of production, then the rest
  stages:
    - name: staging
      targets: { environments: [staging] }
      before:
        - name: migrate
          job:
            migration: { database: store }
            template:
              spec:
                automountServiceAccountToken: false
                containers:
                  - name: migrate
                    image: docker.io/shop/migrate:1.0.0
                    env:
                      - { name: SCHEMA, value: '2' }
                      - { name: RECORD, value: http://shop-api/runs/to-schema-2 }
      each:
        after:
          - name: page
            test:
              job:
                template:
                  spec:
                    automountServiceAccountToken: false
                    containers:
                      - name: page
                        image: docker.io/library/busybox:1.35
                        command: [sh, -c]
                        args:
                          - |
                            wget -q -O /tmp/page http://shop-web/info && cat /tmp/page
                            grep -qF "$WANTED" /tmp/page && exit 0
                            echo "The page does not say: $WANTED"
                            exit 1
                        env:
                          - name: WANTED
                            valueFrom: { configMapKeyRef: { name: acceptance, key: page } }
    - name: canary
      targets: { clusters: { names: [east] } }
      soakSeconds: 3
      before:
        - name: go
          approval: { roles: [admin, operator] }
    - name: rest
`
