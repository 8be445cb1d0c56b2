import { isDeepStrictEqual } from 'node:util'
import { FlotillaError, type JsonPatchOperation } from '@flotilla/model'

const forbidden = new Set(['__proto__'])

/**
 * Applies a JSON patch (RFC 6902) to a copy; all operations or none. Errors: `render.failed` naming the operation as
 * `<field>[index]`.
 */
export function applyJsonPatch<T>(document: T, operations: readonly JsonPatchOperation[], field = 'operations'): T {
  let root: unknown = structuredClone(document)
  for (const [index, operation] of operations.entries()) {
    root = applyOne(root, operation, `${field}[${index}]`)
  }
  return root as T
}

function applyOne(root: unknown, operation: JsonPatchOperation, field: string): unknown {
  const at = (path: string | undefined): Place => findPlace(root, parsePointer(path, field), field)
  const copyOf = (value: unknown): unknown => structuredClone(value)
  switch (operation.op) {
    case 'add':
      return at(operation.path).add(copyOf(valueOf(operation, field)))
    case 'remove':
      return at(operation.path).remove()
    case 'replace':
      return at(operation.path).replace(copyOf(valueOf(operation, field)))
    case 'test':
      if (!isDeepStrictEqual(at(operation.path).get(), valueOf(operation, field))) {
        throw fail(field, `the value at ${operation.path} is another than the patch tests for`)
      }
      return root
    case 'copy':
      return at(operation.path).add(copyOf(at(operation.from).get()))
    case 'move': {
      const from = operation.from ?? ''
      if (operation.path === from) return root
      if (operation.path.startsWith(`${from}/`)) throw fail(field, 'a value cannot be moved into itself')
      const value = at(from).get()
      const without = at(from).remove()
      return findPlace(without, parsePointer(operation.path, field), field).add(value)
    }
    default:
      return operation.op satisfies never
  }
}

/** Where a pointer leads; each verb gives the new root. */
interface Place {
  get(): unknown
  add(value: unknown): unknown
  remove(): unknown
  replace(value: unknown): unknown
}

function findPlace(root: unknown, tokens: readonly string[], field: string): Place {
  const last = tokens.at(-1)
  if (last === undefined) {
    return { get: () => root, add: (value) => value, replace: (value) => value, remove: () => null }
  }
  let parent: unknown = root
  for (const token of tokens.slice(0, -1)) parent = step(parent, token, tokens, field)
  const missing = (): never => {
    throw fail(field, `the object has nothing at /${tokens.join('/')}`)
  }
  if (Array.isArray(parent)) {
    const list: unknown[] = parent
    const index = (most: number): number => {
      const number = /^(?:0|[1-9]\d{0,8})$/.test(last) ? Number(last) : -1
      return number >= 0 && number <= most ? number : missing()
    }
    return {
      get: () => list[index(list.length - 1)],
      add: (value) => (list.splice(last === '-' ? list.length : index(list.length), 0, value), root),
      replace: (value) => ((list[index(list.length - 1)] = value), root),
      remove: () => (list.splice(index(list.length - 1), 1), root),
    }
  }
  if (parent === null || typeof parent !== 'object') return missing()
  const record = parent as Record<string, unknown>
  const known = (): void => {
    if (!Object.hasOwn(record, last)) missing()
  }
  return {
    get: () => (known(), record[last]),
    add: (value) => ((record[last] = value), root),
    replace: (value) => (known(), (record[last] = value), root),
    remove: () => (known(), delete record[last], root),
  }
}

function step(node: unknown, token: string, tokens: readonly string[], field: string): unknown {
  const child: unknown =
    node !== null && typeof node === 'object' && Object.hasOwn(node, token)
      ? (node as Record<string, unknown>)[token]
      : undefined
  if (child === undefined) throw fail(field, `the object has nothing at /${tokens.join('/')}`)
  return child
}

/** JSON Pointer (RFC 6901). */
function parsePointer(path: string | undefined, field: string): string[] {
  if (path === '') return []
  if (path === undefined || !path.startsWith('/')) throw fail(field, 'a path must start with /')
  const tokens = path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (tokens.some((token) => forbidden.has(token))) throw fail(field, `the path ${path} is not allowed`)
  return tokens
}

function valueOf(operation: JsonPatchOperation, field: string): unknown {
  if (operation.value === undefined) throw fail(field, `${operation.op} needs a value`)
  return operation.value
}

function fail(field: string, why: string): FlotillaError {
  return new FlotillaError('render.failed', { message: `A patch does not fit: ${why}`, field })
}
