//! Whether documents agree with what they speak of: their links lead somewhere, and the lab's table has its tests.

use std::collections::{BTreeMap, BTreeSet};

use flexnet_laws::{File, files, root};

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let files = files().unwrap();
    let documents: Vec<&File> = files.iter().filter(|file| file.path.ends_with(".md")).collect();
    let anchors: BTreeMap<&str, BTreeSet<String>> =
        documents.iter().map(|file| (file.path.as_str(), anchors(&file.text))).collect();
    let mut broken = Vec::new();
    for file in &documents {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, link) in links(&file.text).filter(|(_, link)| !link.contains(':')) {
            let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor)));
            let target = if path.is_empty() { file.path.clone() } else { resolved(folder, path) };
            let leads = root().join(&target).exists()
                && anchor.is_none_or(|anchor| anchors.get(target.as_str()).is_some_and(|known| known.contains(anchor)));
            if !leads {
                broken.push(format!("{}:{number}: {link}", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn the_labs_table_has_every_file_of_its_tests() {
    let files = files().unwrap();
    let tests: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("tests/lab/tests/"))
        .filter_map(|path| {
            path.strip_suffix("/main.rs").or_else(|| path.strip_suffix(".rs").filter(|p| !p.contains('/')))
        })
        .collect();
    let document = files.iter().find(|file| file.path == "docs/lab.md").unwrap();
    let table = document.text.split_once("| file in tests/lab/tests |").unwrap().1.split_once("\n\n").unwrap().0;
    let rows: BTreeSet<&str> = table.lines().skip(2).filter_map(|row| row.split('|').nth(1)).map(str::trim).collect();
    assert_eq!(tests, rows, "the table of docs/lab.md and tests/lab/tests");
}

/// A picture that a broken tool left behind is seen by nobody until somebody looks for it.
#[test]
fn every_committed_picture_is_one() {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    let folder = root().join("docs/screenshots");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(SIGNATURE) && bytes.len() > 1000, "{} shows nothing", path.display());
        seen += 1;
    }
    assert!(seen > 100, "{seen} pictures in {}", folder.display());
}

#[test]
fn links_and_anchors_are_read_as_a_reader_sees_them() {
    let text = "# The `lab`, twice\n[a](b.md#c) and [d](<e>)\n```\n# no heading\n[no](link)\n```\n## Same\n## Same\n`[no](code)` [f](#same-1)\n";
    assert_eq!(links(text).collect::<Vec<_>>(), [(2, "b.md#c"), (2, "e"), (9, "#same-1")]);
    assert_eq!(anchors(text), ["same", "same-1", "the-lab-twice"].map(String::from).into());
    assert_eq!((resolved("docs", "../a/./b.rs"), resolved("", "c")), ("a/b.rs".into(), "c".into()));
}

/// The lines outside of fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence && !fenced).then_some((number + 1, line))
    })
}

/// Targets of inline links, outside of code.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).filter(|(_, line)| !line.starts_with("    ")).flat_map(|(number, line)| {
        let words = line.split('`').step_by(2);
        let targets = words.flat_map(|words| words.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
        targets.map(move |target| (number, target.trim_start_matches('<').trim_end_matches('>')))
    })
}

/// What GitHub and others make of the headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for (_, line) in prose(text).filter(|(_, line)| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = (1..).map(|count| format!("{anchor}-{count}"));
        let anchor = std::iter::once(anchor.clone()).chain(again).find(|anchor| !known.contains(anchor));
        known.extend(anchor);
    }
    known
}

/// A relative path, from the root of the repository.
fn resolved(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}
