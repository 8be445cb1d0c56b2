export type Fields = Readonly<Record<string, string | number | undefined>>
/** One event with facts for the operator; never a token, never a body. */
export type AgentLog = (level: 'info' | 'warn' | 'error', event: string, fields?: Fields) => void

const longestField = 1024

/** JSON lines, of the same form as the server's. */
export const createAgentLog =
  (write: (line: string) => void): AgentLog =>
  (level, event, fields = {}) =>
    write(
      JSON.stringify({ at: new Date().toISOString(), level, event, ...fields }, (_key, value: unknown) =>
        typeof value === 'string' ? value.slice(0, longestField) : value,
      ),
    )
