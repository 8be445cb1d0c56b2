import { catalogue, type ErrorCode } from '@flotilla/model'
import { z } from 'zod'
import { basePath } from './addresses.ts'
import type { AnyRoute } from './route.ts'

type Json = Record<string, unknown>

/** Codes that any route may answer with. */
const always: readonly ErrorCode[] = ['input.invalid', 'internal']
const whenSignedIn: readonly ErrorCode[] = ['auth.required']
const whenRights: readonly ErrorCode[] = ['auth.forbidden']

/** The whole interface as OpenAPI 3.1, from the contract table. The same table gives the same bytes. */
export function openApiDocument(routes: readonly AnyRoute[], version: string): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = `${basePath}${route.path.replaceAll(/:([a-z]+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Flotilla', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'flotilla-session',
          description: 'Over HTTPS it is called __Host-flotilla-session',
        },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: {
                code: { type: 'string', enum: Object.keys(catalogue) },
                message: { type: 'string' },
                remedy: { type: 'string' },
                field: { type: 'string' },
                value: { type: 'string' },
              },
            },
          },
        },
      },
    },
  }
}

function operation(route: AnyRoute): Json {
  const media =
    route.answer === 'json'
      ? 'application/json'
      : route.answer === 'ndjson'
        ? 'application/x-ndjson'
        : 'text/event-stream'
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [route.id.split('.')[0]],
    'x-flotilla-rights': route.rights,
    ...(route.rights.kind === 'public' ? { security: [] } : { security: [{ bearer: [] }, { session: [] }] }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...requestBody(route),
    responses: {
      [String(route.status ?? 200)]: {
        description: 'Done',
        content: { [media]: { schema: schemaOf(route.result, 'output') } },
      },
      ...errorResponses(route),
    },
  }
}

function requestBody(route: AnyRoute): Json {
  if (route.body !== undefined)
    return {
      requestBody: {
        required: !route.body.safeParse(undefined).success,
        content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
      },
    }
  if (route.sends === 'bytes') return { requestBody: { required: true, content: { 'application/octet-stream': {} } } }
  return {}
}

function parameters(schema: z.ZodObject | undefined, where: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const json = schemaOf(schema, 'input')
  const required = new Set(Array.isArray(json['required']) ? json['required'] : [])
  return Object.entries(asRecord(json['properties'])).map(([name, child]) => {
    const { description, ...schema } = asRecord(child)
    return { name, in: where, required: where === 'path' || required.has(name), description, schema }
  })
}

function errorResponses(route: AnyRoute): Json {
  const codes = new Set<ErrorCode>([...always, ...route.errors])
  if (route.rights.kind !== 'public') for (const code of whenSignedIn) codes.add(code)
  if (route.rights.kind === 'kubernetes') for (const code of whenRights) codes.add(code)
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of [...codes].sort()) {
    const { status } = catalogue[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, list]) => [
        String(status),
        {
          description: list.join(', '),
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      ]),
  )
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const json = asRecord(
    z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any', reused: 'inline' }),
  )
  const { $schema: _, ...rest } = json
  return rest
}

const asRecord = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
