import { createApiClient } from '@flotilla/api'

/** The server that served this page; the session is its cookie. */
export const api = createApiClient({ baseUrl: '' })
