//! A small PDF (ISO 32000-1, version 1.4): one A4 page of text in Helvetica, without compression. Characters outside Windows-1252 become `?`.

/// What the page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// Shown by the viewer.
    pub title: String,
    /// From top to bottom.
    pub lines: Vec<Line>,
}

/// One line of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Heading(String),
    Text(String),
    /// A label, and an amount at the same distance from the left in every row.
    Row(String, String),
    Gap,
}

/// Points; A4 is 595 by 842.
const LEFT: u32 = 64;
const AMOUNT: u32 = 400;
const TOP: u32 = 770;
const STEP: u32 = 22;

impl Document {
    /// The whole file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let content = self.content();
        let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
        stream.extend(content);
        stream.extend(b"\nendstream");
        let font = |name: &str| {
            format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>").into_bytes()
        };
        let mut info = b"<< /Title (".to_vec();
        info.extend(string(&self.title));
        info.extend(b") /Producer (KV-FlexNet Beispielportal) >>");
        let objects = [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (de-DE) /ViewerPreferences << /DisplayDocTitle true >> >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
              /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>"
                .to_vec(),
            stream,
            font("Helvetica"),
            font("Helvetica-Bold"),
            info,
        ];
        file(&objects)
    }

    fn content(&self) -> Vec<u8> {
        let mut content = b"BT\n".to_vec();
        let mut show = |font: &str, size: u32, left: u32, top: u32, text: &str| {
            content.extend(format!("/{font} {size} Tf 1 0 0 1 {left} {top} Tm (").into_bytes());
            content.extend(string(text));
            content.extend(b") Tj\n");
        };
        for (line, top) in self.lines.iter().zip((0..=TOP).rev().step_by(STEP as usize)) {
            match line {
                Line::Heading(text) => show("F2", 16, LEFT, top, text),
                Line::Text(text) => show("F1", 11, LEFT, top, text),
                Line::Row(label, amount) => {
                    show("F1", 11, LEFT, top, label);
                    show("F1", 11, AMOUNT, top, amount);
                }
                Line::Gap => {}
            }
        }
        content.extend(b"ET");
        content
    }
}

/// Header, objects, and the table of their places (§7.5.4): every entry has exactly 20 bytes.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", index + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    let size = objects.len() + 1;
    file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes());
    places.iter().for_each(|place| file.extend(format!("{place:010} 00000 n \n").into_bytes()));
    let trailer =
        format!("trailer\n<< /Size {size} /Root 1 0 R /Info {} 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len());
    file.extend(trailer.into_bytes());
    file
}

/// The inside of a literal string (§7.3.4.2) in WinAnsiEncoding.
fn string(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for c in text.chars() {
        match c {
            '(' | ')' | '\\' => bytes.extend([b'\\', c as u8]),
            ' '..='~' => bytes.push(c as u8),
            '€' => bytes.push(0x80),
            '–' => bytes.push(0x96),
            '„' => bytes.push(0x84),
            '“' => bytes.push(0x93),
            '\u{a0}'..='\u{ff}' => bytes.push(c as u8),
            _ => bytes.push(b'?'),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Vec<u8> {
        let lines =
            vec![Line::Heading("Größe (1)".to_owned()), Line::Gap, Line::Row("Summe".to_owned(), "1,00 €".to_owned())];
        Document { title: "Prüfung".to_owned(), lines }.to_bytes()
    }

    fn find(bytes: &[u8], what: &[u8]) -> usize {
        bytes.windows(what.len()).position(|window| window == what).unwrap()
    }

    #[test]
    fn the_table_names_the_place_of_every_object() {
        let file = document();
        let end = String::from_utf8_lossy(&file[file.len() - 40..]).into_owned();
        let table: usize = end.lines().rev().nth(1).unwrap().parse().unwrap();
        assert!(file[table..].starts_with(b"xref\n0 8\n"));
        let first = table + b"xref\n0 8\n".len() + 20;
        for number in 1..8 {
            let entry = &file[first + (number - 1) * 20..first + number * 20];
            assert_eq!(&entry[10..], b" 00000 n \n");
            let place: usize = std::str::from_utf8(&entry[..10]).unwrap().parse().unwrap();
            assert!(file[place..].starts_with(format!("{number} 0 obj\n").as_bytes()));
        }
    }

    #[test]
    fn the_stream_has_the_length_it_gives_and_its_text_is_escaped() {
        let file = document();
        let start = find(&file, b"stream\n") + 7;
        let length = find(&file, b"\nendstream") - start;
        find(&file, format!("/Length {length} ").as_bytes());
        find(&file, b"(Gr\xf6\xdfe \\(1\\)) Tj");
        find(&file, b"(1,00 \x80) Tj");
    }
}
