import { askJson, challengeOf, takeCode, textOf } from './authorization-code.ts'
import { type ConnectorParts, type RedirectConnector, secretOf, settingsOf } from './connector.ts'
import { readField, readPerson } from './read-person.ts'

/** OAuth 2.0 (RFC 6749), authorization code with PKCE; who it is, is asked at the provider's own address, with its own fields. */
export function oauth2Connector(parts: ConnectorParts): RedirectConnector {
  const { provider, fetch } = parts
  const { name } = provider.metadata
  const settings = settingsOf(provider, provider.spec.oauth2)
  const { clientId } = settings

  async function exchange(code: string, verifier: string, redirectUri: string): Promise<string> {
    const secret = secretOf(parts)
    const body = new URLSearchParams({
      ...settings.tokenParameters,
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...(settings.clientAuth === 'body' ? { client_id: clientId, client_secret: secret } : {}),
    })
    const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
    if (settings.clientAuth === 'basic') headers['authorization'] = basic(clientId, secret)
    const answer = await askJson(name, fetch, settings.tokenUrl, { method: 'POST', headers, body })
    return textOf(name, readField(answer, settings.tokenField), 'access token')
  }

  return {
    form: 'redirect',
    begin: (flow, redirectUri) => {
      const url = new URL(settings.authorizeUrl)
      const asked = {
        ...settings.authorizeParameters,
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state: flow.state,
        code_challenge: challengeOf(flow.verifier),
        code_challenge_method: 'S256',
        ...(settings.scopes.length === 0 ? {} : { scope: settings.scopes.join(' ') }),
      }
      for (const [key, value] of Object.entries(asked)) url.searchParams.set(key, value)
      return Promise.resolve(url)
    },
    finish: async (flow, callback) => {
      const code = takeCode(name, flow, callback)
      const token = await exchange(code, flow.verifier, new URL(callback.pathname, callback.origin).href)
      const url = new URL(settings.userUrl)
      for (const [key, value] of Object.entries(settings.userParameters ?? {})) url.searchParams.set(key, value)
      if (settings.tokenIn === 'query') url.searchParams.set('access_token', token)
      const answer = await askJson(
        name,
        fetch,
        url,
        settings.tokenIn === 'header' ? { headers: { authorization: `Bearer ${token}` } } : {},
      )
      return readPerson(name, {
        subject: readField(answer, settings.subjectField),
        name: readField(answer, settings.nameField),
        email: readField(answer, settings.emailField),
        groups: readField(answer, settings.groupsField),
      })
    },
    probe: async () => {
      secretOf(parts)
      // nothing can be asked for without a person; that it answers at all is seen
      await fetch(settings.tokenUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    },
  }
}

/** RFC 6749, section 2.3.1: both are form-encoded first. */
function basic(user: string, password: string): string {
  const encode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
  return `Basic ${Buffer.from(`${encode(user)}:${encode(password)}`).toString('base64')}`
}
