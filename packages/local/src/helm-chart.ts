import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { create } from 'tar'
import { parse } from 'yaml'
import { z } from 'zod'
import { blob, jsonBlob, type Image } from './image.ts'
import { pushImage } from './registry-client.ts'

const ChartFile = z.looseObject({ apiVersion: z.enum(['v1', 'v2']), name: z.string(), version: z.string() })

/** A chart as `helm push` would lay it down in an OCI registry. */
export interface PackedChart {
  readonly name: string
  readonly version: string
  readonly archive: Uint8Array
  readonly artifact: Image
}

/** Packs a chart's folder. The same files give the same bytes. */
export async function packChart(folder: string): Promise<PackedChart> {
  const chart = ChartFile.parse(parse(await readFile(path.join(folder, 'Chart.yaml'), 'utf8')))
  const chunks: Buffer[] = []
  const stream = create(
    {
      cwd: path.dirname(folder),
      gzip: { level: 9 },
      portable: true,
      mtime: new Date(0),
      filter: (file) => !file.split('/').some((part) => part.startsWith('.git')),
      // Helm wants the folder inside the archive to bear the chart's name
      onWriteEntry: (entry) => {
        entry.path = path.posix.join(chart.name, path.posix.relative(path.basename(folder), entry.path))
      },
    },
    [path.basename(folder)],
  )
  for await (const chunk of stream) chunks.push(chunk)
  const archive = Buffer.concat(chunks)
  const config = jsonBlob('application/vnd.cncf.helm.config.v1+json', chart)
  const layer = blob('application/vnd.cncf.helm.chart.content.v1.tar+gzip', archive)
  const describe = ({ mediaType, digest, bytes }: typeof layer) => ({ mediaType, digest, size: bytes.length })
  const manifest = jsonBlob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: describe(config),
    layers: [describe(layer)],
  })
  return { name: chart.name, version: chart.version, archive, artifact: { manifest, blobs: [config, layer] } }
}

/** Packs a chart's folder and pushes it under `charts/`; the answer is what to write after `oci://HOST:PORT/`. */
export async function pushChart(registry: string, folder: string, signal?: AbortSignal): Promise<string> {
  const chart = await packChart(folder)
  const name = `charts/${chart.name}:${chart.version.replaceAll('+', '_')}`
  await pushImage(registry, name, chart.artifact, signal)
  return name
}
