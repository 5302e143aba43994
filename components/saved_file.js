// A file that Python made: saved by the browser, with the mark by which spreadsheets know UTF-8.
export function render({model}) {
  const save = () => {
    const {name, text, serial} = model.file
    if (!serial) return
    const link = document.createElement("a")
    link.href = URL.createObjectURL(new Blob(["\ufeff", text], {type: "text/csv;charset=utf-8"}))
    link.download = name
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 60000)
  }
  model.on("file", save)
  const mark = document.createElement("span")
  mark.hidden = true
  return mark
}
