import { showViewer } from '/viewer.js'

const find = (query, root = document) => root.querySelector(query)
const EVERY = 700 // milliseconds between two looks at a job
const KEY = 'mmderain jobs' // this tab's own, so that a reload shows them

let about

async function start() {
  about = await ask('/about')
  const [width, height] = about.size
  find('#limits').textContent = `Up to ${about.megabytes} MB, ` +
    `${about.seconds} s and ${width}×${height} pixels. What you upload is ` +
    `cleared ${about.keep_minutes} minutes after it is done, or when you ` +
    'remove it.'
  const choices = find('#choices')
  about.choices.forEach((choice, index) => {
    const label = document.createElement('label')
    const button = Object.assign(document.createElement('input'), {
      type: 'radio', name: 'choice', value: choice, checked: index === 0
    })
    label.append(button, ` ${choice}`)
    choices.append(label)
  })
  choices.hidden = false
  for (const id of remembered()) new Card().follow(id)
}

async function ask(address, options) {
  const answer = await fetch(address, options)
  const said = answer.status === 204 ? {} : await answer.json()
  if (!answer.ok) {
    throw Object.assign(new Error(said.error), { status: answer.status })
  }
  return said
}

function remembered() {
  return JSON.parse(sessionStorage.getItem(KEY) ?? '[]')
}

function remember(ids) {
  sessionStorage.setItem(KEY, JSON.stringify(ids))
}

function complain(text) {
  const message = find('#message')
  message.textContent = text
  message.hidden = !text
}

// What is shown of one file, from its upload on.
class Card {
  constructor() {
    this.root = find('#job').content.cloneNode(true).firstElementChild
    find('#jobs').prepend(this.root)
    find('.remove', this.root).addEventListener('click', () => this.remove())
  }

  say(status, isError = false) {
    const line = find('.status', this.root)
    if (line.textContent !== status) line.textContent = status
    line.classList.toggle('error', isError)
  }

  progress(part) {
    const bar = find('progress', this.root)
    bar.hidden = part === null
    if (part === undefined) bar.removeAttribute('value')
    else if (part !== null) bar.value = part
  }

  fail(why) {
    this.say(why, true)
    this.progress(null)
    find('.remove', this.root).textContent = 'Remove'
  }

  // fetch cannot tell how far an upload is
  upload(file, choice) {
    find('.name', this.root).textContent = file.name
    const said = new URLSearchParams({ name: file.name, choice })
    const request = this.request = new XMLHttpRequest()
    request.open('POST', `/jobs?${said}`)
    request.responseType = 'json'
    request.upload.addEventListener('progress', event => {
      const part = event.loaded / event.total
      this.say(`uploading, ${Math.round(100 * part)} %`)
      this.progress(part)
    })
    request.addEventListener('load', () => {
      if (request.status === 201) {
        const { id } = request.response
        remember([...remembered(), id])
        this.follow(id)
      } else {
        this.fail(request.response?.error ??
          `The server answers with status ${request.status}.`)
      }
    })
    request.addEventListener('error', () => this.fail(
      'The upload was broken off: the server refused the file, or cannot ' +
      'be reached. Try again.'))
    this.say('uploading')
    request.send(file)
  }

  async follow(id) {
    this.id = id
    let job
    try {
      job = await ask(`/jobs/${id}`)
    } catch (error) {
      if (this.isGone) return
      if (error.status) {
        remember(remembered().filter(other => other !== id))
        this.fail(error.message)
      } else {
        this.say('The server does not answer. Waiting for it.', true)
        setTimeout(() => this.follow(id), 3 * EVERY)
      }
      return
    }
    if (this.isGone) return
    this.show(job)
    if (job.state !== 'done' && job.state !== 'failed') {
      setTimeout(() => this.follow(id), EVERY)
    }
  }

  show(job) {
    find('.name', this.root).textContent = job.name
    find('.notes', this.root).replaceChildren(...job.notes.map(note =>
      Object.assign(document.createElement('li'), { textContent: note })))
    if (job.state === 'failed') this.fail(job.error)
    else if (job.state === 'done') this.finish(job)
    else {
      this.say(describe(job))
      const { frame, frames } = job.progress
      this.progress(job.state === 'running' && frame && frames
        ? frame / frames : undefined)
    }
  }

  finish(job) {
    const { frames, seconds } = job
    const drops = !job.looked_for_drops ? '' : job.frames_with_drops
      ? `; drops on the lens in ${counted(job.frames_with_drops)}`
      : '; no drops found on the lens'
    this.say(`done: ${counted(frames)} in ${duration(seconds)}${drops}`)
    this.progress(null)
    find('.remove', this.root).textContent = 'Remove'
    const link = find('.download', this.root)
    link.href = `/jobs/${job.id}/result`
    link.textContent = `Download ${job.download}`
    find('.result', this.root).hidden = false
    if (job.view) showViewer(find('.viewer', this.root), job)
  }

  async remove() {
    this.isGone = true
    this.root.remove()
    this.request?.abort()
    if (!this.id) return
    remember(remembered().filter(other => other !== this.id))
    try {
      await ask(`/jobs/${this.id}`, { method: 'DELETE' })
    } catch (error) {
      if (error.status !== 404) complain(error.message)
    }
  }
}

function describe(job) {
  const { frame, frames, fps, eta } = job.progress
  if (job.state === 'waiting') {
    return job.before
      ? `waiting for ${job.before} other ${job.before > 1 ? 'files' : 'file'}`
      : 'waiting'
  }
  if (job.state === 'showing') return 'preparing what is shown'
  if (!frame) return 'starting'
  const left = eta !== null && frame > 0.1 * frames
    ? `, about ${duration(eta)} left` : ''
  return `frame ${frame} of ${frames ?? '?'}` +
    (fps ? `, ${fps.toFixed(1)} frames/s` : '') + left
}

function counted(frames) {
  return `${frames} ${frames === 1 ? 'frame' : 'frames'}`
}

function duration(seconds) {
  return seconds < 90 ? `${Math.ceil(seconds)} s`
    : `${Math.ceil(seconds / 60)} min`
}

function take(files) {
  complain('')
  const choice = find('input[name=choice]:checked').value
  for (const file of files) {
    if (file.size > about.bytes) {
      const size = (file.size / 1e6).toFixed(1)
      complain(`${file.name} is too large: expected ${about.megabytes} MB ` +
        `at most, got ${size}. Cut it, or encode it smaller.`)
    } else {
      new Card().upload(file, choice)
    }
  }
}

const drop = find('#drop')
find('#file').addEventListener('change', event => {
  take(event.target.files)
  event.target.value = '' // the same file may be chosen again
})
for (const name of ['dragover', 'drop', 'dragleave']) {
  // on all of the page, where a browser would open the file instead
  document.addEventListener(name, event => {
    event.preventDefault()
    drop.classList.toggle('over', name === 'dragover')
    if (name === 'drop') take(event.dataTransfer.files)
  })
}

start().catch(() => complain('The server does not answer. Load this page ' +
  'again when it runs.'))
