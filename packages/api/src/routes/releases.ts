import { z } from 'zod'
import { defineRoute } from '../route.ts'
import {
  ApprovalRow,
  CreateRelease,
  GiveApproval,
  ReleaseDetail,
  ReleaseDifference,
  ReleaseDifferenceQuery,
  ReleaseQuery,
  ReleaseRow,
} from '../shapes/release.ts'
import { page } from '../shapes/wire.ts'
import { ProjectParams, ReleaseParams } from './params.ts'
import { filtered, needs } from './rights.ts'

export const releaseRoutes = [
  defineRoute('releases.list', {
    summary: 'Releases that I may see, newest first: filtered, sorted and paged by the server',
    params: undefined,
    query: ReleaseQuery,
    body: undefined,
    result: page(ReleaseRow),
    errors: [],
    rights: filtered('releases', 'project'),
  }),
  defineRoute('releases.get', {
    summary: 'One release: what it is made of, its targets, who approved it, how it went out',
    params: ReleaseParams,
    query: undefined,
    body: undefined,
    result: ReleaseDetail,
    errors: ['request.not_found'],
    rights: needs('get', 'releases', 'project'),
  }),
  defineRoute('releases.create', {
    summary: 'Draft a release from chosen versions, or from what a target runs now',
    params: ProjectParams,
    query: undefined,
    body: CreateRelease,
    result: ReleaseDetail,
    errors: ['request.not_found', 'request.conflict', 'input.invalid'],
    rights: needs('create', 'releases', 'project'),
    status: 201,
  }),
  defineRoute('releases.freeze', {
    summary: 'Render it for every target, once, and never change it again',
    params: ReleaseParams,
    query: undefined,
    body: z.object({}).optional(),
    result: ReleaseDetail,
    errors: ['request.not_found', 'request.conflict'],
    rights: needs('patch', 'releases', 'project'),
    status: 202,
  }),
  defineRoute('releases.reject', {
    summary: 'Say that it never goes out',
    params: ReleaseParams,
    query: undefined,
    body: z.object({ reason: z.string().min(1).max(1024) }),
    result: ReleaseDetail,
    errors: ['request.not_found', 'request.conflict'],
    rights: needs('patch', 'releases', 'project'),
    status: 202,
  }),
  defineRoute('releases.difference', {
    summary: 'What it would change in each target, or against another release; secrets are masked',
    params: ReleaseParams,
    query: ReleaseDifferenceQuery,
    body: undefined,
    result: ReleaseDifference,
    errors: ['request.not_found', 'render.failed', 'source.unreachable', 'release.difference_slow'],
    rights: needs('get', 'releases', 'project'),
  }),
  defineRoute('approvals.give', {
    audited: 'before',
    summary: 'Approve, or reject, exactly what a release would change',
    params: ProjectParams,
    query: undefined,
    body: GiveApproval,
    result: ApprovalRow,
    errors: ['request.not_found', 'request.conflict', 'input.invalid', 'approval.void', 'kube.forbidden'],
    rights: needs('create', 'approvals', 'project'),
    status: 201,
  }),
]
