import type { ReleaseDetail } from '@flotilla/api'
import { problemLine } from '../components/problem.tsx'
import { useText } from '../i18n/text.ts'
import { notify } from '../notices/notices.ts'
import { refreshRelease } from '../query/use-releases.ts'

/** Makes of a request what a button runs: what came of it is said in the corner, and what it changed is read again. */
export function useAsk({ project, name }: Pick<ReleaseDetail, 'project' | 'name'>) {
  const { t } = useText()
  return (request: () => Promise<unknown>, done: string) => async (): Promise<void> => {
    try {
      await request()
      notify(done)
    } catch (error) {
      notify(problemLine(error, t), { bad: true })
    }
    refreshRelease(project, name)
  }
}
