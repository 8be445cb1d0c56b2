import type { RoleRow } from '@flotilla/api'
import { FlotillaError } from '@flotilla/model/errors'

export const noSuchRole = (role: string, words: string, known: readonly Pick<RoleRow, 'name'>[]): FlotillaError =>
  new FlotillaError('request.not_found', {
    message: `There is no role ${role} in ${words}`,
    field: 'role',
    value: role,
    remedy: `Its roles are: ${known.map(({ name }) => name).join(', ')}`,
  })
