import { Argument, Command, Option } from 'commander'
import type { Io } from './io.ts'

/** Every command with its options, help and examples. What a command does is loaded only when it runs. */
export function buildProgram(io: Io, version: string): Command {
  const program = new Command('flotilla')
    .description('Run many Kubernetes clusters as one')
    .version(version, '-V, --version', 'Say which version this is')
    .option('--context <name>', 'Server to work with, of those that you signed in to')
    .showHelpAfterError('(--help shows how it is used)')
    .showSuggestionAfterError()
    .helpCommand(false)
  // before the commands: they inherit it
  program.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  sessionCommands(program, io)
  clusterCommands(program, io)
  documentCommands(program, io)
  applicationCommands(program, io)
  completionCommand(program, io)
  program.addHelpText(
    'after',
    `
On the server's machine also: flotilla serve, flotilla local, flotilla tour (each with --help)

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not healthy, not in time or different, 4 not signed in or not allowed, 130 interrupted
Environment: FLOTILLA_CONTEXT, FLOTILLA_PROJECT, FLOTILLA_SERVER with FLOTILLA_TOKEN, FLOTILLA_CONFIG, NO_COLOR
`,
  )
  return program
}

const output = () =>
  new Option('-o, --output <form>', 'How to print').choices(['table', 'json', 'yaml']).default('table', 'table')
const project = () => new Option('-n, --project <project>', 'Project (or FLOTILLA_PROJECT)')
const workspace = () => new Option('-w, --workspace <workspace>', 'Workspace, for what lives in one')
const objects = () =>
  new Option('--objects <what>', 'What becomes of the objects that were delivered').choices(['keep', 'delete'])
const wait = () => new Option('--wait <time>', 'Wait until it is healthy, at most this long (90s, 5m)')
const several = (flags: string, text: string) =>
  new Option(flags, `${text}; may be repeated`).argParser<string[]>((value, before) => [...(before ?? []), value])
const examples = (lines: readonly string[]) => `\nExamples:\n${lines.map((line) => `  flotilla ${line}`).join('\n')}\n`

function sessionCommands(program: Command, io: Io): void {
  program
    .command('login')
    .argument('<url>', 'Address of the server')
    .description('Sign in to a server; the token is kept in your configuration folder, readable by you only')
    .option('-u, --username <name>', 'Your name; asked when absent')
    .option('--password-stdin', 'Read the password from standard input')
    .option('--name <context>', 'What to call this server; its host when absent')
    .option('--ca <file>', 'Certificate of the authority that signed the server')
    .option('--allow-http', 'Let the password go unencrypted to another machine')
    .addHelpText(
      'after',
      examples([
        'login https://flotilla.example',
        'login https://flotilla.example -u dora --password-stdin < password.txt',
        'login https://10.0.0.5:8443 --ca ca.crt --name lab',
      ]),
    )
    .action(async (url: string, options) => (await import('./commands/session.ts')).login(io, url, options))
  program
    .command('logout')
    .description('End the session and forget its token')
    .addHelpText('after', examples(['logout', '--context lab logout']))
    .action(async (_options, command: Command) =>
      (await import('./commands/session.ts')).logout(io, command.optsWithGlobals()),
    )
  program
    .command('whoami')
    .description('Who you are there, and your roles')
    .addOption(output())
    .addHelpText('after', examples(['whoami', 'whoami -o json']))
    .action(async (_options, command: Command) =>
      (await import('./commands/session.ts')).whoami(io, command.optsWithGlobals()),
    )
  program
    .command('passwd')
    .description('Change your password')
    .addHelpText('after', examples(['passwd']))
    .action(async (_options, command: Command) =>
      (await import('./commands/session.ts')).passwd(io, command.optsWithGlobals()),
    )
  const context = program
    .command('context')
    .description('Servers that you signed in to')
    .addHelpText('after', examples(['context list', 'context use lab']))
  context
    .command('list')
    .description('List them; * is the current one')
    .action(async () => (await import('./commands/session.ts')).listContexts(io))
  context
    .command('use')
    .argument('<name>')
    .description('Make one the current one')
    .action(async (name: string) => (await import('./commands/session.ts')).useContext(io, name))
}

function clusterCommands(program: Command, io: Io): void {
  const load = () => import('./commands/cluster.ts')
  const cluster = program
    .command('cluster')
    .description('Clusters of the fleet')
    .addHelpText(
      'after',
      examples([
        'cluster add east --kubeconfig east.yaml --label region=eu',
        'cluster list',
        'cluster show east',
        'cluster label east region=eu edge-',
        'cluster remove east --objects keep',
      ]),
    )
  cluster
    .command('add')
    .argument('<name>', 'What to call it')
    .description(
      'Add a cluster. Files that the kubeconfig names are read here, and a program that it runs is run here after you agreed; the server gets neither',
    )
    .option('--kubeconfig <file>', 'Your kubeconfig (or KUBECONFIG); - for standard input')
    .option('--kube-context <context>', 'Context of the kubeconfig; its current one when absent')
    .addOption(several('-l, --label <key=value>', 'Label of the cluster'))
    .option('--display-name <text>', 'Name for people')
    .option('--edge', 'An edge site: being offline is expected')
    .option('-y, --yes', 'Agree to run the program that the kubeconfig names')
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'cluster add east --kubeconfig east.yaml',
        'cluster add shop-7 --kube-context shop-7 --edge -l region=north',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await load()).addCluster(io, name, command.optsWithGlobals()),
    )
  cluster
    .command('list')
    .alias('ls')
    .description('List the clusters')
    .option('-q, --query <text>', 'Part of a name, label or version')
    .addOption(output())
    .addHelpText('after', examples(['cluster list', 'cluster list -q region=eu -o json']))
    .action(async (_options, command: Command) => (await load()).listClusters(io, command.optsWithGlobals()))
  cluster
    .command('show')
    .argument('<name>')
    .description('One cluster with its capacity; ends with 3 while it is lost')
    .addOption(output())
    .addHelpText('after', examples(['cluster show east']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).showCluster(io, name, command.optsWithGlobals()),
    )
  cluster
    .command('label')
    .argument('<name>')
    .argument('<labels...>', 'KEY=VALUE, or KEY- to take one away')
    .description('Change the labels that select it')
    .addOption(output())
    .addHelpText('after', examples(['cluster label east region=eu tier=gold', 'cluster label east tier-']))
    .action(async (name: string, labels: string[], _options, command: Command) =>
      (await load()).labelCluster(io, name, labels, command.optsWithGlobals()),
    )
  cluster
    .command('remove')
    .argument('<name>')
    .description('Take a cluster out of the fleet; never waits for one that is cut off')
    .addOption(objects())
    .addOption(output())
    .addHelpText('after', examples(['cluster remove east --objects keep', 'cluster remove east --objects delete']))
    .action(async (name: string, _options, command: Command) =>
      (await load()).removeCluster(io, name, command.optsWithGlobals()),
    )
}

function documentCommands(program: Command, io: Io): void {
  program
    .command('apply')
    .description(
      'Write documents. A component may say `path: ./folder` in the place of its source (helm.chart, kustomize, manifests): the folder is packed and uploaded, and its digest is written instead',
    )
    .addOption(several('-f, --filename <file>', 'File, folder, or - for standard input').makeOptionMandatory())
    .option('-R, --recursive', 'Folders with what is below them')
    .option('--dry-run', 'Check everything, keep nothing')
    .option('--force', 'Take fields over that somebody else set')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples(['apply -f shop.yaml', 'apply -f deploy/ -R -n shop', 'apply -f - --dry-run < shop.yaml']),
    )
    .action(async (_options, command: Command) =>
      (await import('./commands/apply.ts')).applyFiles(io, command.optsWithGlobals()),
    )
  program
    .command('get')
    .argument('<kind>', 'Application, Project, Workspace, Cluster, Delivery ... or its plural or short name')
    .argument('[name]')
    .description('Print objects')
    .addOption(output())
    .addOption(project())
    .addOption(workspace())
    .addHelpText(
      'after',
      examples(['get applications', 'get application web -n shop -o yaml', 'get projects -w retail']),
    )
    .action(async (kind: string, name: string | undefined, _options, command: Command) =>
      (await import('./commands/get.ts')).getObjects(io, kind, name, command.optsWithGlobals()),
    )
  program
    .command('diff')
    .argument('[app]', 'APP or PROJECT/APP: what its clusters have against what is wanted')
    .description('What an edited application would change, or what the clusters have against what is wanted')
    .addOption(several('-f, --filename <file>', 'Application to try; nothing is written'))
    .option('-R, --recursive', 'Folders with what is below them')
    .addOption(several('-c, --cluster <name>', 'Only this cluster'))
    .addOption(several('--component <name>', 'Only this component'))
    .option('--exit-code', 'End with 3 when something differs')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['diff -f shop.yaml', 'diff shop/web --cluster east', 'diff shop/web --exit-code']))
    .action(async (app: string | undefined, _options, command: Command) =>
      (await import('./commands/apply.ts')).diff(io, app, command.optsWithGlobals()),
    )
  program
    .command('delete')
    .argument('<kind>')
    .argument('<name>', 'NAME, or PROJECT/APP for an application')
    .description('Delete one object; for an application and a cluster it asks what becomes of delivered objects')
    .addOption(objects())
    .addOption(project())
    .addOption(workspace())
    .addOption(output())
    .addHelpText('after', examples(['delete application shop/web --objects delete', 'delete project shop -w retail']))
    .action(async (kind: string, name: string, _options, command: Command) =>
      (await import('./commands/change.ts')).remove(io, kind, name, command.optsWithGlobals()),
    )
}

function applicationCommands(program: Command, io: Io): void {
  const app = () => new Argument('<app>', 'APP or PROJECT/APP')
  const changes = () => import('./commands/change.ts')
  program
    .command('status')
    .addArgument(app())
    .description('What runs where and how it does; ends with 3 when not all of it is healthy')
    .option('--watch', 'Go on showing it as it changes')
    .addOption(wait())
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['status shop/web', 'status web -n shop --watch', 'status shop/web --wait 5m']))
    .action(async (name: string, _options, command: Command) =>
      (await import('./commands/status.ts')).status(io, name, command.optsWithGlobals()),
    )
  program
    .command('explain')
    .addArgument(app())
    .argument('<path>', 'Such as web.replicas or ingress.hosts[0].host')
    .description('Which layer set a value in a cluster, and what the others said')
    .requiredOption('-c, --cluster <name>', 'Cluster')
    .option('--component <name>', 'Component; needed when several have the value')
    .option('--namespace <name>', 'Namespace, where the project has several in the cluster')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['explain shop/web --cluster east replicas']))
    .action(async (name: string, path: string, _options, command: Command) =>
      (await import('./commands/explain.ts')).explain(io, name, path, command.optsWithGlobals()),
    )
  program
    .command('logs')
    .addArgument(app())
    .description('Log lines of all its pods in all its clusters')
    .addOption(several('--component <name>', 'Only this component'))
    .addOption(several('-c, --cluster <name>', 'Only this cluster'))
    .addOption(several('--pod <name>', 'Only this pod'))
    .option('--container <name>', 'Only this container')
    .option('-f, --follow', 'Go on with new lines and new pods')
    .option('-p, --previous', 'Of the containers before their last restart')
    .option('--tail <lines>', 'Lines per container to begin with')
    .option('--since <time>', 'Not older than this (90s, 5m, 2h)')
    .option('--timestamps', 'With the time of each line')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples(['logs shop/web -f', 'logs shop/web --component api -c east --tail 50', 'logs shop/web -p']),
    )
    .action(async (name: string, _options, command: Command) =>
      (await import('./commands/logs.ts')).logs(io, name, command.optsWithGlobals()),
    )
  program
    .command('history')
    .addArgument(app())
    .description('What was wanted over time')
    .option('--limit <count>', 'How many', '20')
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['history shop/web', 'history shop/web -o json']))
    .action(async (name: string, _options, command: Command) =>
      (await changes()).history(io, name, command.optsWithGlobals()),
    )
  const texts = {
    sync: 'Look at the sources and deliver again now, over drift and over what helm did',
    pause: 'Write nothing more to any cluster until it is resumed',
    resume: 'Deliver again after a pause',
  } as const
  for (const what of ['sync', 'pause', 'resume'] as const)
    program
      .command(what)
      .addArgument(app())
      .description(texts[what])
      .addOption(wait())
      .addOption(project())
      .addOption(output())
      .addHelpText('after', examples([`${what} shop/web`]))
      .action(async (name: string, _options, command: Command) =>
        (await changes()).change(io, what, name, command.optsWithGlobals()),
      )
  program
    .command('revert')
    .addArgument(app())
    .argument('<revision>', 'As history names it')
    .description('Want what an earlier revision wanted')
    .addOption(wait())
    .addOption(project())
    .addOption(output())
    .addHelpText('after', examples(['revert shop/web 4', 'revert shop/web 4 --wait 5m']))
    .action(async (name: string, to: string, _options, command: Command) =>
      (await changes()).revert(io, name, to, command.optsWithGlobals()),
    )
  program
    .command('adopt')
    .argument('<app>', 'PROJECT/APP that is to stand for it; made when it is not there')
    .description('Take over a Helm release or plain objects that already run, without a restart')
    .requiredOption('-c, --cluster <name>', 'Cluster where it runs')
    .option('--helm-release <name>', 'Helm release')
    .option(
      '--chart <where>',
      'Its chart, when it has subcharts: oci://..., a folder, a .tgz, or a name in --chart-repo',
    )
    .option('--chart-repo <url>', 'Chart repository that has it')
    .option('--chart-version <version>', 'Version of the chart, as helm list names it')
    .addOption(several('--object <kind.group/name>', 'Plain object, such as Deployment.apps/web'))
    .option('--namespace <name>', "Its namespace; the project's when absent")
    .option('--component <name>', 'Name of the component')
    .option('--dry-run', 'Say what would be taken over')
    .addOption(project())
    .addOption(output())
    .addHelpText(
      'after',
      examples([
        'adopt shop/web --cluster east --helm-release web',
        'adopt shop/web -c east --helm-release web --chart oci://registry.example/charts/web --chart-version 1.2.0',
        'adopt shop/old -c east --object Deployment.apps/old --dry-run',
      ]),
    )
    .action(async (name: string, _options, command: Command) =>
      (await changes()).adopt(io, name, command.optsWithGlobals()),
    )
}

function completionCommand(program: Command, io: Io): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .description('Print the completion of a shell')
    .addHelpText(
      'after',
      examples([
        'completion bash > /etc/bash_completion.d/flotilla',
        'completion fish > ~/.config/fish/completions/flotilla.fish',
      ]),
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      io.out((await import('./commands/completion.ts')).completionScript(shell))
    })
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const { complete } = await import('./commands/completion.ts')
      io.out((await complete(io, program, words)).map((word) => `${word}\n`).join(''))
    })
}
