import type { ClusterRow } from '@flotilla/api'
import type { Answers } from './fixture-answers.ts'

const expiresAt = '2099-01-01T01:00:00Z'
const command =
  "curl -fsSL --insecure --pinnedpubkey 'sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' https://flotilla.fixture.invalid/agent/v1/manifest/flj_fixture | kubectl apply -f -"

/** A cluster that an agent connects, and comes one step further each time it is looked at. */
export function joiningAnswers(
  model: ClusterRow,
): Required<Pick<Answers, 'agents.add' | 'agents.invite' | 'clusters.get'>> {
  const looks = new Map<string, number>()
  const since = new Date().toISOString()
  const at = (name: string, look: number): ClusterRow => ({
    ...model,
    name,
    server: '',
    connection:
      look < 2
        ? { state: 'lost', since, reason: 'The agent has not connected' }
        : look < 3
          ? { state: 'connecting', since }
          : model.connection,
  })
  return {
    'agents.add': ({ body }) => {
      const { name } = body as { name: string }
      looks.set(name, 0)
      return { cluster: at(name, 0), command, expiresAt }
    },
    'agents.invite': () => ({ manifest: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flotilla-system\n' }),
    'clusters.get': ({ params }) => {
      const name = params['cluster'] ?? ''
      const look = (looks.get(name) ?? 0) + 1
      looks.set(name, look)
      return { ...at(name, look), uid: 'u', conditions: [], applications: [], agent: { connected: look >= 2 } }
    },
  }
}
