import { FlotillaError, isRecord } from '@flotilla/model'
import { asEverybodyReads } from '@flotilla/model/yaml'
import { packArchive, type SourceFile } from '@flotilla/render'
import { stringify } from 'yaml'
import { z } from 'zod'

const Base64 = z.string().transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
const File = z.object({ name: z.string().min(1).max(255), data: Base64.nullish() })
const Recorded = z.object({
  manifest: z.string(),
  chart: z.object({
    metadata: z.looseObject({ name: z.string().min(1).max(250), version: z.string() }),
    templates: z.array(File).nullish(),
    files: z.array(File).nullish(),
    values: z.record(z.string(), z.unknown()).nullish(),
    schema: Base64.nullish(),
  }),
})

/**
 * The chart of a release, packed again from its record. A record leaves subcharts out: where some were rendered, the
 * chart cannot be had from it (`input.invalid`): somebody has to say where it comes from.
 */
export async function packChartOf(payload: Readonly<Record<string, unknown>>): Promise<Uint8Array> {
  const parsed = Recorded.safeParse(payload)
  if (!parsed.success) throw new FlotillaError('input.invalid', { message: 'The Helm release holds no whole chart' })
  const { manifest, chart } = parsed.data
  const { name } = chart.metadata
  if (manifest.includes(`# Source: ${name}/charts/`)) {
    throw new FlotillaError('input.invalid', {
      message: `The chart ${name} has subcharts, which Helm does not keep in its releases`,
      field: 'helmRelease',
      remedy: `Say where version ${chart.metadata.version} of the chart comes from: --chart with oci://..., a folder, a .tgz, or a name and --chart-repo`,
    })
  }
  // dependencies that were switched off are not in the record either, and would be missed
  const { dependencies: _off, ...metadata } = chart.metadata
  const files: SourceFile[] = []
  const put = (path: string, content: Uint8Array | string): void => {
    files.push({
      path: safePath(path),
      data: typeof content === 'string' ? Buffer.from(content, 'utf8') : content,
    })
  }
  for (const file of [...(chart.templates ?? []), ...(chart.files ?? [])]) put(file.name, file.data ?? new Uint8Array())
  put('Chart.yaml', stringify(metadata, asEverybodyReads))
  put('values.yaml', stringify(chart.values ?? {}, asEverybodyReads))
  if (chart.schema !== null && chart.schema !== undefined && chart.schema.length > 0)
    put('values.schema.json', chart.schema)
  return packArchive(files, name)
}

/** A record is another's writing: its names must stay inside. */
function safePath(path: string): string {
  const climbs = path.startsWith('/') || path.includes('\\') || path.includes('\0')
  if (climbs || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new FlotillaError('archive.refused', {
      message: 'The chart of the release has a file with an odd name',
      value: path,
    })
  }
  return path
}

const secretName = /passw|token|secret|credential|private|apikey|api_key|\bkey\b/i

type Values = Readonly<Record<string, unknown>>

/** Values that may be shown, and those whose names say that they should not be. Lists stay whole. */
export function splitSecretValues(values: Values): { shown: Values; hidden: Values } {
  const shown: [string, unknown][] = []
  const hidden: [string, unknown][] = []
  for (const [key, value] of Object.entries(values)) {
    if (secretName.test(key) && !isRecord(value)) {
      hidden.push([key, value])
    } else if (isRecord(value)) {
      const below = splitSecretValues(value)
      if (Object.keys(below.shown).length > 0 || Object.keys(value).length === 0) shown.push([key, below.shown])
      if (Object.keys(below.hidden).length > 0) hidden.push([key, below.hidden])
    } else if (secretName.test(JSON.stringify(value) ?? '') && typeof value === 'object') {
      hidden.push([key, value])
    } else {
      shown.push([key, value])
    }
  }
  return { shown: Object.fromEntries(shown), hidden: Object.fromEntries(hidden) }
}
