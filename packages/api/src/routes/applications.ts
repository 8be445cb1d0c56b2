import { z } from 'zod'
import { maxUploadBytes } from '../addresses.ts'
import { defineRoute } from '../route.ts'
import {
  Accepted,
  ApplicationDetail,
  ApplicationQuery,
  ApplicationRow,
  RevisionDetail,
  RevisionRow,
} from '../shapes/application.ts'
import { DifferenceAnswer, ExplainAnswer, PreviewAnswer, PreviewRequest } from '../shapes/difference.ts'
import { AdoptAnswer, AdoptRequest } from '../shapes/runtime.ts'
import { ObjectsPolicy, page, several, whole } from '../shapes/wire.ts'
import { ApplicationParams, ProjectParams } from './params.ts'
import { filtered, needs, needsInMember } from './rights.ts'

const change = { params: ApplicationParams, query: undefined, result: Accepted, status: 202 } as const
const mayChange = needs('patch', 'applications', 'project')
const mayRead = needs('get', 'applications', 'project')

export const applicationRoutes = [
  defineRoute('applications.list', {
    summary: 'Applications that I may see: filtered, sorted and paged by the server',
    params: undefined,
    query: ApplicationQuery,
    body: undefined,
    result: page(ApplicationRow),
    errors: [],
    rights: filtered('applications', 'project'),
  }),
  defineRoute('applications.get', {
    summary: 'One application as a matrix of component and cluster',
    params: ApplicationParams,
    query: undefined,
    body: undefined,
    result: ApplicationDetail,
    errors: ['request.not_found'],
    rights: mayRead,
  }),
  defineRoute('applications.remove', {
    audited: 'before',
    summary: 'Delete an application, keeping or deleting what it delivered',
    params: ApplicationParams,
    query: z.object({ objects: ObjectsPolicy }),
    body: undefined,
    result: Accepted,
    errors: ['request.not_found'],
    rights: needs('delete', 'applications', 'project'),
    status: 202,
  }),
  defineRoute('applications.sync', {
    ...change,
    summary: 'Look at the sources and deliver again now, over drift and over what helm did',
    body: z.object({ cluster: z.string().max(63).optional() }).optional(),
    errors: ['request.not_found'],
    rights: mayChange,
  }),
  defineRoute('applications.pause', {
    ...change,
    summary: 'Write nothing more to any cluster until it is resumed',
    body: z.object({}).optional(),
    errors: ['request.not_found'],
    rights: mayChange,
  }),
  defineRoute('applications.resume', {
    ...change,
    summary: 'Deliver again after a pause',
    body: z.object({}).optional(),
    errors: ['request.not_found'],
    rights: mayChange,
  }),
  defineRoute('applications.revert', {
    ...change,
    summary: 'Want what an earlier revision wanted; moving sources are pinned to what they were then',
    body: z.object({ revision: z.number().int().min(1) }),
    errors: ['request.not_found', 'request.conflict'],
    rights: mayChange,
  }),
  defineRoute('applications.history', {
    summary: 'What was wanted over time, newest first',
    params: ApplicationParams,
    query: z.object({ limit: whole(1, 200).default(50), before: whole(1, 2_000_000_000).optional() }),
    body: undefined,
    result: z.object({ items: z.array(RevisionRow), before: z.number().int().optional() }),
    errors: ['request.not_found'],
    rights: mayRead,
  }),
  defineRoute('applications.revision', {
    summary: 'One earlier revision with its specification',
    params: ApplicationParams.extend({ revision: whole(1, 2_000_000_000) }),
    query: undefined,
    body: undefined,
    result: RevisionDetail,
    errors: ['request.not_found'],
    rights: mayRead,
  }),
  defineRoute('applications.preview', {
    audited: 'never',
    summary: 'What an edited or new application would change, per target; nothing is written',
    params: ProjectParams,
    query: undefined,
    body: PreviewRequest,
    result: PreviewAnswer,
    errors: ['input.yaml', 'input.invalid', 'render.failed', 'render.schema', 'source.unreachable', 'kube.invalid'],
    rights: needs('patch', 'applications', 'project'),
    maxBodyBytes: 2 * 1024 * 1024,
  }),
  defineRoute('applications.difference', {
    summary: 'What the clusters have against what is wanted',
    params: ApplicationParams,
    query: z.object({
      cluster: several().optional(),
      namespace: z.string().max(63).optional(),
      component: several(40).optional(),
    }),
    body: undefined,
    result: DifferenceAnswer,
    errors: ['request.not_found'],
    rights: needsInMember('*', '*', 'get'),
  }),
  defineRoute('applications.explain', {
    summary: 'Which layer set a value, and what the others said',
    params: ApplicationParams,
    query: z.object({
      cluster: z.string().max(63),
      namespace: z.string().max(63).optional(),
      component: z.string().max(40).optional().describe('Needed when there are several'),
      path: z.string().min(1).max(512).describe('Such as web.replicas or ingress.hosts[0].host'),
    }),
    body: undefined,
    result: ExplainAnswer,
    errors: ['request.not_found', 'input.invalid', 'cluster.not_found', 'source.unreachable'],
    rights: mayRead,
  }),
  defineRoute('applications.adopt', {
    summary: 'Take over a Helm release or plain objects that already run, without a restart',
    params: ProjectParams,
    query: undefined,
    body: AdoptRequest,
    result: AdoptAnswer,
    errors: ['request.not_found', 'request.conflict', 'delivery.owned_by_other', 'cluster.unreachable'],
    rights: needs('create', 'applications', 'project'),
  }),
  defineRoute('uploads.put', {
    summary: 'Keep a packed folder or chart by its SHA-256, for components with source upload',
    params: ProjectParams.extend({
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256:<64 hex digits>'),
    }),
    query: undefined,
    body: undefined,
    result: z.object({ digest: z.string(), bytes: z.number().int() }),
    errors: ['input.too_large', 'input.invalid', 'archive.refused'],
    rights: needs('create', 'applications', 'project'),
    status: 201,
    maxBodyBytes: maxUploadBytes,
  }),
]
