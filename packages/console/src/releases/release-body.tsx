import type { ReleaseDetail, RolloutDetail } from '@flotilla/api'
import { Findings } from '../app/findings.tsx'
import { AboutTab } from './about-tab.tsx'
import { ApprovalsTab } from './approvals-tab.tsx'
import { DifferencePane } from './difference-pane.tsx'
import { endedRun } from './ended-run.ts'
import type { TabName } from './release-address.ts'
import { StagePane } from './stage-pane.tsx'
import { TargetsTab } from './targets-tab.tsx'

interface ReleaseBodyProps {
  readonly detail: ReleaseDetail
  readonly run: RolloutDetail | undefined
  readonly tab: TabName
}

export function ReleaseBody({ detail, run, tab }: ReleaseBodyProps) {
  switch (tab) {
    case 'rollout':
      return (
        <div className="release-split">
          <StagePane detail={detail} run={run} />
          <div className="release-stack">
            <Findings findings={detail.findingList.filter(({ severity }) => severity !== 'Info')} />
            {run !== undefined && !endedRun(run.phase) && <Findings findings={run.findings ?? []} />}
            <DifferencePane detail={detail} run={run} />
          </div>
        </div>
      )
    case 'targets':
      return <TargetsTab detail={detail} run={run} />
    case 'approvals':
      return <ApprovalsTab detail={detail} run={run} />
    case 'about':
      return <AboutTab detail={detail} run={run} />
    default:
      return tab satisfies never
  }
}
