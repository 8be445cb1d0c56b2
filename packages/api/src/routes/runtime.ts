import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { EventRow, LogItem, LogQuery, ObjectRow, PartQuery, PodRow } from '../shapes/runtime.ts'
import { StreamEvent, StreamQuery } from '../shapes/stream.ts'
import { fanOut, whole } from '../shapes/wire.ts'
import { ApplicationParams } from './params.ts'
import { filtered, needs, needsInMember } from './rights.ts'

export const runtimeRoutes = [
  defineRoute('applications.objects', {
    summary: 'The delivered objects with their health',
    params: ApplicationParams,
    query: PartQuery,
    body: undefined,
    result: fanOut(ObjectRow),
    errors: ['request.not_found'],
    rights: needs('get', 'applications', 'project'),
  }),
  defineRoute('applications.manifest', {
    summary: 'One delivered object as it is in its cluster, as YAML; values of Secrets are left out',
    params: ApplicationParams,
    query: z.object({
      cluster: z.string().max(63),
      group: z.string().max(253).default(''),
      version: z.string().max(63).optional(),
      kind: z.string().min(1).max(63),
      namespace: z.string().max(63).default(''),
      name: z.string().min(1).max(253),
    }),
    body: undefined,
    result: z.object({ yaml: z.string() }),
    errors: ['request.not_found', 'kube.not_found', 'kube.forbidden', 'cluster.unreachable'],
    rights: needsInMember('*', '*', 'get'),
  }),
  defineRoute('applications.pods', {
    summary: 'Pods of an application over its clusters',
    params: ApplicationParams,
    query: PartQuery,
    body: undefined,
    result: fanOut(PodRow),
    errors: ['request.not_found'],
    rights: needsInMember('pods', ''),
  }),
  defineRoute('applications.events', {
    summary: "Events of an application's objects and pods over its clusters, newest first",
    params: ApplicationParams,
    query: PartQuery.extend({ limit: whole(1, 1000).default(200) }),
    body: undefined,
    result: fanOut(EventRow),
    errors: ['request.not_found'],
    rights: needsInMember('events', ''),
  }),
  defineRoute('applications.logs', {
    summary: 'Log lines of several pods and clusters at once; one JSON document per line',
    params: ApplicationParams,
    query: LogQuery,
    body: undefined,
    result: LogItem,
    errors: ['request.not_found'],
    rights: needsInMember('pods/log', '', 'get'),
  }),
  defineRoute('stream.watch', {
    summary: 'What changes, live; resumes after Last-Event-ID',
    params: undefined,
    query: StreamQuery,
    body: undefined,
    result: StreamEvent,
    errors: [],
    rights: filtered('applications', 'project'),
  }),
]
