import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'
import { type Preferences, preferencesKey } from '../../preferences/preferences.ts'

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Debian's. The shell is the same engine without what shows a window, for half the work. */
const shell = '/usr/bin/chromium-headless-shell'
const installed = (): string => (existsSync(shell) ? shell : '/usr/bin/chromium')

/** Chromium as it is installed here. FLOTILLA_CHROMIUM names another one. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['FLOTILLA_CHROMIUM'] ?? installed(), args: flags })

export interface View {
  readonly context: BrowserContext
  readonly page: Page
  /** Requests that went to another origin, and errors that the page reported. Both have to stay empty. */
  readonly strayRequests: readonly string[]
  readonly errors: readonly string[]
}

const preferences: Preferences = { theme: 'light', language: 'en', zone: 'utc' }

const isNetworkChange = (request: Request): boolean => request.failure()?.errorText === 'net::ERR_NETWORK_CHANGED'

/** A page of its own: own cookies, own storage, 1440 x 900. */
export async function openView(browser: Browser, url: string, chosen: Partial<Preferences> = {}): Promise<View> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    baseURL: url,
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  })
  const first = JSON.stringify(JSON.stringify({ ...preferences, ...chosen }))
  await context.addInitScript(
    `localStorage.getItem('${preferencesKey}') ?? localStorage.setItem('${preferencesKey}', ${first})`,
  )
  const page = await context.newPage()
  const strayRequests: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).protocol.startsWith('http') && !request.url().startsWith(url))
      strayRequests.push(request.url())
  })
  // clusters that start on this machine change its network; the console then reads its code again by itself
  let networkChanged = false
  page.on('requestfailed', (request) => {
    networkChanged ||= isNetworkChange(request)
  })
  page.on('pageerror', ({ message }) => {
    if (!(networkChanged && message.startsWith('Failed to fetch dynamically imported module'))) errors.push(message)
  })
  return { context, page, strayRequests, errors }
}

/**
 * Opens an address. Clusters that start on this machine change its network, and Chromium then gives up what it was
 * loading: the page, or a part of it without which the page stays empty.
 */
export async function visit(page: Page, path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    let changed = false
    const look = (request: Request): void => {
      changed ||= isNetworkChange(request)
    }
    page.on('requestfailed', look)
    try {
      await page.goto(path)
      if (!changed || attempt === 5) return
    } catch (error) {
      if (attempt === 5 || !String(error).includes('ERR_NETWORK_CHANGED')) throw error
    } finally {
      page.off('requestfailed', look)
    }
  }
}

/**
 * Goes to an address within the console, as its links do: what was read of it stays. Where the page reads itself anew just then, as
 * the network has changed, it is opened.
 */
export async function goWithin(page: Page, path: string): Promise<void> {
  try {
    await page.evaluate(
      `history.pushState(null, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate', { state: null }))`,
    )
  } catch (error) {
    if (!String(error).includes('Execution context was destroyed')) throw error
    await visit(page, path)
  }
}

/** Chooses how this page shows things from its next load on. */
export async function choose(page: Page, chosen: Preferences): Promise<void> {
  await page.evaluate(`localStorage.setItem('${preferencesKey}', ${JSON.stringify(JSON.stringify(chosen))})`)
}
