import { z } from 'zod'
import { defineRoute } from '../route.ts'
import { MoveRequest, MoveRow } from '../shapes/move.ts'
import { whole } from '../shapes/wire.ts'
import { ApplicationParams, MoveParams, ProjectParams } from './params.ts'
import { needs } from './rights.ts'

const asked = {
  params: MoveParams,
  query: undefined,
  body: z.object({ reason: z.string().min(1).max(1024).optional() }).optional(),
  result: MoveRow,
  errors: ['request.not_found', 'request.conflict'],
  rights: needs('patch', 'moves', 'project'),
} as const

export const moveRoutes = [
  defineRoute('moves.start', {
    summary: 'Take an application from some of its targets to others; what acts by itself runs in one of both at most',
    params: ApplicationParams,
    query: undefined,
    body: MoveRequest,
    result: MoveRow,
    errors: ['request.not_found', 'request.conflict'],
    rights: needs('create', 'moves', 'project'),
    status: 201,
  }),
  defineRoute('moves.list', {
    summary: 'Moves of a project, newest first',
    params: ProjectParams,
    query: z.object({ application: z.string().max(40).optional(), limit: whole(1, 200).default(50) }),
    body: undefined,
    result: z.object({ items: z.array(MoveRow), left: z.number().int().describe('How many older ones there are') }),
    errors: ['request.not_found'],
    rights: needs('list', 'moves', 'project'),
  }),
  defineRoute('moves.get', {
    summary: 'One move: what it did, what it waits for, and how long nothing acted',
    params: MoveParams,
    query: undefined,
    body: undefined,
    result: MoveRow,
    errors: ['request.not_found'],
    rights: needs('get', 'moves', 'project'),
  }),
  defineRoute('moves.confirmTraffic', {
    ...asked,
    summary: 'Say that requests go to the new place: the old one is taken away',
  }),
  defineRoute('moves.undo', { ...asked, summary: 'Go back to the old place, from wherever the move is' }),
  defineRoute('moves.abort', {
    ...asked,
    summary: 'Leave everything as it stands, and let go of the application',
  }),
]
