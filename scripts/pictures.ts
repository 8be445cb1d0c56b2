import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { defaultPort, platformPaths } from '../packages/local/src/platform.ts'
import { projectRoot } from '../packages/local/src/paths.ts'
import { openBrowser, openView, visit, type View } from '../packages/console/src/browser/testing/open-browser.ts'

/** `node scripts/pictures.ts`: the pictures of the README and the docs, of the shop that `make up` delivered. */
const url = `http://127.0.0.1:${defaultPort}`
const folder = path.join(projectRoot, 'docs/pictures')
const shop = '/apps/shop/shop'

interface Picture {
  readonly file: string
  readonly theme: 'light' | 'dark'
  readonly language: 'en' | 'zh-CN'
  readonly path: string
  /** What is seen when the page is complete. */
  readonly sign: RegExp
  /** Opened before the picture is taken. */
  readonly press?: RegExp
}

const cell = `${shop}?cell=shop~west~shop`
const pictures: readonly Picture[] = [
  { file: 'application-light', theme: 'light', language: 'en', path: cell, sign: /listening|GET /, press: /^Logs$/ },
  { file: 'application-dark', theme: 'dark', language: 'en', path: cell, sign: /listening|GET /, press: /^Logs$/ },
  { file: 'application-zh', theme: 'light', language: 'zh-CN', path: cell, sign: /america/ },
  { file: 'applications-light', theme: 'light', language: 'en', path: '/apps', sign: /shop/ },
  { file: 'fleet-light', theme: 'light', language: 'en', path: '/fleet', sign: /region=us/ },
  { file: 'cluster-dark', theme: 'dark', language: 'zh-CN', path: '/fleet/west', sign: /region=us/ },
  { file: 'editor-light', theme: 'light', language: 'en', path: `${shop}/edit`, sign: /apiVersion/ },
  { file: 'history-light', theme: 'light', language: 'en', path: `${shop}/history`, sign: /admin/ },
]

async function signIn({ page }: View, password: string): Promise<void> {
  await visit(page, '/sign-in')
  await page.locator('input').first().fill('admin')
  await page.locator('input[type=password]').fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'))
}

const password = (await readFile(platformPaths(path.join(projectRoot, '.local')).password, 'utf8')).trim()
const browser = await openBrowser()
try {
  await mkdir(folder, { recursive: true })
  for (const { file, theme, language, path: place, sign, press } of pictures) {
    const view = await openView(browser, url, { theme, language, zone: 'utc' })
    await signIn(view, password)
    await visit(view.page, place)
    if (press !== undefined) await view.page.getByRole('button', { name: press }).click()
    await view.page.getByText(sign).first().waitFor()
    await view.page.waitForTimeout(1_000)
    await view.page.screenshot({ path: path.join(folder, `${file}.png`) })
    await view.context.close()
    console.log(`docs/pictures/${file}.png`)
  }
} finally {
  await browser.close()
}
