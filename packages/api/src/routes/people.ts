import { z } from 'zod'
import { defineRoute } from '../route.ts'
import {
  AccessReview,
  AccessReviewed,
  FindPeople,
  FoundPeople,
  Members,
  People,
  PeopleQuery,
  PersonDetail,
  RolePlace,
} from '../shapes/people.ts'
import { Name } from '../shapes/wire.ts'
import { needs } from './rights.ts'

export const peopleRoutes = [
  defineRoute('people.list', {
    summary: 'People, with what is granted to them',
    params: undefined,
    query: PeopleQuery,
    body: undefined,
    result: People,
    errors: [],
    rights: needs('list', 'users', 'cluster'),
  }),
  defineRoute('people.get', {
    summary: 'One person, with everything that is granted to them',
    params: z.object({ user: Name }),
    query: undefined,
    body: undefined,
    result: PersonDetail,
    errors: ['request.not_found'],
    rights: needs('get', 'users', 'cluster'),
  }),
  defineRoute('people.find', {
    summary: 'Names of people to give a role to, for who gives roles there; by how they begin, a few at a time',
    params: undefined,
    query: FindPeople,
    body: undefined,
    result: FoundPeople,
    errors: [],
    rights: needs('create', 'memberships', 'named'),
  }),
  defineRoute('members.list', {
    summary: 'Who has which role in a project, in a workspace or in the platform',
    params: undefined,
    query: RolePlace,
    body: undefined,
    result: Members,
    errors: ['request.not_found'],
    rights: needs('list', 'memberships', 'named'),
  }),
  defineRoute('access.review', {
    audited: 'never',
    summary: 'Ask what somebody may do there: for who sees all people, or gives roles there',
    params: undefined,
    query: undefined,
    body: AccessReview,
    result: AccessReviewed,
    errors: ['request.not_found', 'cluster.unreachable'],
    rights: needs('create', 'memberships', 'named'),
  }),
]
