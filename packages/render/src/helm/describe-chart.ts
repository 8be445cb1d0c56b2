import type { ChartDescription, JsonObject, ResolvedSource } from '../types.ts'
import type { WorkerPool } from '../worker/worker-pool.ts'

interface ShownChart {
  metadata: {
    name: string
    version: string
    appVersion?: string
    description?: string
    type?: string
    kubeVersion?: string
    deprecated?: boolean
    icon?: string
    home?: string
    dependencies?: { name: string; version?: string; condition?: string }[]
  }
  defaults: JsonObject | null
  defaultsText: string
  schema?: JsonObject
}

/** What a person sees of a chart before it is delivered. All of it is the chart author's text: show it as text. */
export async function describeChart(
  pool: WorkerPool,
  source: ResolvedSource,
  signal: AbortSignal | undefined,
): Promise<ChartDescription> {
  const params = { chart: Buffer.from(source.bytes).toString('base64') }
  const { metadata, defaults, defaultsText, schema } = await pool.run<ShownChart>({
    method: 'showChart',
    params,
    signal,
  })
  return {
    name: metadata.name,
    version: metadata.version,
    appVersion: metadata.appVersion ?? '',
    description: metadata.description ?? '',
    type: metadata.type ?? 'application',
    kubeVersion: metadata.kubeVersion ?? '',
    deprecated: metadata.deprecated ?? false,
    icon: metadata.icon ?? '',
    home: metadata.home ?? '',
    dependencies: (metadata.dependencies ?? []).map(({ name, version, condition }) => ({
      name,
      version: version ?? '',
      condition: condition ?? '',
    })),
    defaults: defaults ?? {},
    defaultsText,
    ...(schema === undefined ? {} : { schema }),
  }
}
