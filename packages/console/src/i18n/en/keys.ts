export const keys = {
  title: 'Keys',
  palette: 'Search or run',
  filter: 'Go to the filter',
  logs: 'Logs of what is selected',
  previousLogs: 'Logs of the run before',
  yaml: 'Configuration as YAML',
  edit: 'Edit',
  help: 'This list',
  move: 'Move in a list',
  open: 'Open',
  closeDock: 'Close what is open on top',
} as const
