import { defineRoute } from '../route.ts'
import { HistoryAnswer, HistoryQuery, WhereAnswer } from '../shapes/history.ts'
import { sought, whole } from '../shapes/wire.ts'
import { filtered } from './rights.ts'
import { z } from 'zod'

export const historyRoutes = [
  defineRoute('history.list', {
    summary: 'What ran where and when, by which release, approved by whom; newest first',
    params: undefined,
    query: HistoryQuery,
    body: undefined,
    result: HistoryAnswer,
    errors: [],
    rights: filtered('applications', 'project'),
  }),
  defineRoute('history.where', {
    summary: 'Which clusters run an image now',
    params: undefined,
    query: z.object({ image: sought(512).min(1), limit: whole(1, 5000).default(1000) }),
    body: undefined,
    result: WhereAnswer,
    errors: [],
    rights: filtered('applications', 'project'),
  }),
]
