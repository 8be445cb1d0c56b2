import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A chart of one Deployment whose only pod sleeps, in a folder of its own below `dir`. */
export async function writeTinyChart(dir: string, name: string, image: string): Promise<string> {
  const folder = path.join(dir, name)
  await mkdir(path.join(folder, 'templates'), { recursive: true })
  await writeFile(path.join(folder, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`)
  await writeFile(path.join(folder, 'values.yaml'), 'replicas: 1\n')
  await writeFile(path.join(folder, 'templates/deployment.yaml'), deployment(image))
  return folder
}

const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Chart.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: tiny } }
  template:
    metadata: { labels: { app: tiny } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: main
          image: ${image}
          command: [/bin/sh, -c, 'while true; do sleep 3600; done']
`
