import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { ApplyAnswer, ApplyDocuments, KindView } from '../shapes/document.ts'
import { KubeObjectShape, Name, ObjectsPolicy, whole } from '../shapes/wire.ts'
import { signedIn } from './rights.ts'

const KindName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z]+$/, 'must be a kind such as Application, or its plural or short name')

/** Where a namespaced kind is looked for: a project, a workspace or the platform's namespace. */
const Where = z.object({
  project: z.string().max(50).optional(),
  workspace: z.string().max(50).optional(),
  namespace: z.string().max(63).optional(),
})

const asThePerson = {
  kind: 'kubernetes',
  mode: 'refuse',
  needs: [],
} as const

const named = (verb: 'get' | 'list' | 'delete' | 'patch') =>
  ({ ...asThePerson, needs: [{ verb, resource: '*', group: 'flotilla.dev', scope: 'named' }] }) as const

export const documentRoutes = [
  defineRoute('kinds.describe', {
    summary: 'The kinds of Flotilla, with the columns of their lists',
    params: undefined,
    query: undefined,
    body: undefined,
    result: z.object({ items: z.array(KindView) }),
    errors: [],
    rights: signedIn('says what kinds there are, nothing of any object'),
  }),
  defineRoute('schemas.get', {
    summary: 'JSON schema of a kind, for editors',
    params: z.object({ kind: KindName }),
    query: undefined,
    body: undefined,
    result: z.looseObject({ $schema: z.string(), title: z.string() }),
    errors: ['request.not_found'],
    rights: signedIn('says what a kind looks like, nothing of any object'),
  }),
  defineRoute('kinds.list', {
    summary: 'Objects of a kind of Flotilla',
    params: z.object({ kind: KindName }),
    query: Where.extend({ limit: whole(1, 500).default(500), continue: z.string().max(2048).optional() }),
    body: undefined,
    result: z.object({ kind: KindView, items: z.array(KubeObjectShape), continue: z.string().optional() }),
    errors: ['request.not_found', 'kube.forbidden', 'kube.gone'],
    rights: named('list'),
  }),
  defineRoute('kinds.get', {
    summary: 'One object of a kind of Flotilla',
    params: z.object({ kind: KindName, name: Name }),
    query: Where,
    body: undefined,
    result: KubeObjectShape,
    errors: ['request.not_found', 'kube.not_found', 'kube.forbidden'],
    rights: named('get'),
  }),
  defineRoute('kinds.remove', {
    audited: 'before',
    summary: 'Delete one object; for an Application, a Project and a Cluster it says what becomes of delivered objects',
    params: z.object({ kind: KindName, name: Name }),
    query: Where.extend({ objects: ObjectsPolicy.optional().describe('Needed for Application and Cluster') }),
    body: undefined,
    result: z.object({ outcome: z.enum(['deleted', 'deleting']) }),
    errors: ['request.not_found', 'kube.not_found', 'kube.forbidden', 'input.invalid'],
    rights: named('delete'),
    status: 202,
  }),
  defineRoute('documents.apply', {
    audited: 'before',
    summary: 'Write documents into the host, as the person who asks; unknown fields are refused',
    params: undefined,
    query: undefined,
    body: ApplyDocuments,
    result: ApplyAnswer,
    errors: ['input.yaml', 'input.too_large', 'kube.forbidden', 'kube.invalid', 'kube.conflict'],
    rights: named('patch'),
    maxBodyBytes: 2 * 1024 * 1024,
  }),
]
