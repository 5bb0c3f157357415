//! Cases too large to be kept: made when they are needed.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compress, Compression, FlushCompress};
use rusqlite::Connection;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::desk::fixture;

/// How large the bombs are, unpacked.
const BOMB: usize = 256 << 20;

/// A case: what it is called, how it is made in a folder, what it must give, and how many bytes of
/// memory that may take at most.
pub(crate) struct Large {
    pub(crate) name: &'static str,
    pub(crate) make: fn(&Path) -> PathBuf,
    pub(crate) gives: Gives,
    pub(crate) memory: u64,
}

/// What a case must give.
pub(crate) enum Gives {
    /// An error that holds this.
    Error(&'static str),
    /// So many findings.
    Findings(usize),
}

const MIB: u64 = 1 << 20;

pub(crate) const ALL: &[Large] = &[
    Large {
        name: "an unknown field, a million levels deep",
        make: |folder| export(folder, "\"requires\":{}", &format!("\"requires\":{}", deep())),
        gives: Gives::Error("recursion limit exceeded"),
        memory: 64 * MIB,
    },
    Large {
        name: "data a million levels deep",
        make: |folder| export(folder, "\"data\":2", &format!("\"data\":{}", deep())),
        gives: Gives::Findings(0),
        memory: 128 * MIB,
    },
    Large {
        name: "a string of 64 MiB as data",
        make: |folder| {
            export(folder, "\"data\":2", &format!("\"data\":\"{}\"", "x".repeat(64 << 20)))
        },
        gives: Gives::Findings(0),
        memory: 7 * 64 * MIB,
    },
    Large {
        name: "a string of 64 MiB as a name",
        make: |folder| export(folder, "\"load\"", &format!("\"{}\"", "x".repeat(64 << 20))),
        gives: Gives::Findings(0),
        memory: 8 * 64 * MIB,
    },
    Large {
        name: "a file of two gigabytes",
        make: gigabytes,
        gives: Gives::Error("2147483648 bytes; the limit is"),
        memory: 64 * MIB,
    },
    Large {
        name: "objects in an unknown field, far apart",
        make: |folder| sparse(folder, 20),
        gives: Gives::Error("MiB; no export does"),
        memory: 64 * MIB,
    },
    Large {
        name: "the same, so far apart that they pass",
        make: |folder| sparse(folder, 200),
        gives: Gives::Findings(0),
        memory: 768 * MIB,
    },
    Large {
        name: "a million children that are not there",
        make: |folder| children(folder, |number| number + 10),
        gives: Gives::Findings(1),
        memory: 512 * MIB,
    },
    Large {
        name: "a million times the same child",
        make: |folder| children(folder, |_| 3),
        gives: Gives::Findings(0),
        memory: 512 * MIB,
    },
    Large {
        name: "steps in a line, each the caller of the next",
        make: line,
        gives: Gives::Findings(0),
        memory: 512 * MIB,
    },
    Large { name: "65,536 entries", make: entries, gives: Gives::Findings(21), memory: 256 * MIB },
    Large {
        name: "a zip bomb",
        make: |folder| zip_bomb(folder, "runs/Rhst.json", &[]),
        gives: Gives::Error("bytes in an archive of"),
        memory: 64 * MIB,
    },
    Large {
        name: "a zip bomb as a blob, beside what does not shrink",
        make: |folder| zip_bomb(folder, &format!("blobs/{}", "0".repeat(64)), &vec![b'#'; 4 << 20]),
        gives: Gives::Error("bytes; the limit is"),
        memory: 64 * MIB,
    },
    Large {
        name: "a tar bomb",
        make: |folder| tar_bomb(folder, b'0'),
        gives: Gives::Error("it unpacks to more than we read"),
        memory: 256 * MIB,
    },
    Large {
        name: "a tar bomb as a name",
        make: |folder| tar_bomb(folder, b'L'),
        gives: Gives::Error("it unpacks to more than we read"),
        memory: 256 * MIB,
    },
    Large {
        name: "a database that gives one large row again and again",
        make: again_and_again,
        gives: Gives::Error("far more than such a database can hold"),
        memory: 256 * MIB,
    },
];

fn deep() -> String {
    "[".repeat(1_000_000) + &"]".repeat(1_000_000)
}

fn sound() -> String {
    std::fs::read_to_string(fixture("hostile/json/sound.json")).unwrap()
}

/// A sound export with a part of its text replaced.
fn export(folder: &Path, part: &str, instead: &str) -> PathBuf {
    let text = sound();
    assert!(text.contains(part), "{part} is not there");
    let path = folder.join("large.json");
    std::fs::write(&path, text.replacen(part, instead, 1)).unwrap();
    path
}

/// Many of the objects that take most memory, each with so many spaces after it.
fn sparse(folder: &Path, spaces: usize) -> PathBuf {
    let objects = format!("{{\"\":0}},{}", " ".repeat(spaces)).repeat(450_000);
    export(folder, "\"createdAt\"", &format!("\"unknown\":[{objects}0],\"createdAt\""))
}

/// All of it a hole: on disk it takes nothing.
fn gigabytes(folder: &Path) -> PathBuf {
    let path = export(folder, "{", "{");
    File::options().write(true).open(&path).unwrap().set_len(2 << 30).unwrap();
    path
}

fn children(folder: &Path, child: fn(u32) -> u32) -> PathBuf {
    let mut children = String::new();
    for number in 0..1_000_000 {
        let comma = if number == 0 { "" } else { "," };
        let step = child(number);
        write!(children, r#"{comma}{{"stepId":"Rhst:{step}","attempt":1,"groupId":null}}"#)
            .unwrap();
    }
    export(folder, "\"children\":[]", &format!("\"children\":[{children}]"))
}

fn line(folder: &Path) -> PathBuf {
    let mut document: Value = serde_json::from_str(&sound()).unwrap();
    let steps = document["steps"].as_object_mut().unwrap();
    for number in 4..10_000 {
        let mut step = steps["Rhst:2"].clone();
        step["stepNumber"] = json!(number);
        step["parentId"] = json!(format!("Rhst:{}:1", number - 1));
        step["executions"]["1"]["executionId"] = json!(format!("Rhst:{number}:1"));
        let child =
            json!([{"stepId": format!("Rhst:{}", number + 1), "attempt": 1, "groupId": null}]);
        step["executions"]["1"]["children"] = if number == 9_999 { json!([]) } else { child };
        steps.insert(format!("Rhst:{number}"), step);
    }
    let path = folder.join("large.json");
    std::fs::write(&path, document.to_string()).unwrap();
    path
}

fn entries(folder: &Path) -> PathBuf {
    let path = folder.join("large.hindcast");
    let mut archive = ZipWriter::new(BufWriter::new(File::create(&path).unwrap()));
    archive.start_file("manifest.json", SimpleFileOptions::default()).unwrap();
    archive.write_all(br#"{"formatVersion":1}"#).unwrap();
    for number in 1..65_536 {
        archive.start_file(format!("entry-{number}"), SimpleFileOptions::default()).unwrap();
    }
    archive.finish().unwrap();
    path
}

/// A raw deflate stream of zeros: one piece of it, again and again.
fn zeros(bytes: usize) -> Vec<u8> {
    let piece = vec![0; 1 << 20];
    let mut deflate = Compress::new(Compression::best(), false);
    let mut packed = Vec::with_capacity(1 << 14);
    // After a full flush, nothing refers to what came before.
    deflate.compress_vec(&piece, &mut packed, FlushCompress::Full).unwrap();
    assert_eq!(deflate.total_in(), 1 << 20);
    let mut stream = packed.repeat(bytes >> 20);
    // A last block of nothing.
    stream.extend([1, 0, 0, 0xff, 0xff]);
    stream
}

/// Written by hand, since a writer would take its time for the checksum.
fn zip_bomb(folder: &Path, name: &str, padding: &[u8]) -> PathBuf {
    let packed = zeros(BOMB);
    let manifest = br#"{"formatVersion":1}"#;
    let mut file = Vec::new();
    let mut directory = Vec::new();
    let mut add = |name: &str, method: u16, content: &[u8], size: usize| {
        let at = u32::try_from(file.len()).unwrap();
        let crc = if method == 0 { 0x03e2_d244_u32 } else { 0 };
        let mut fields: Vec<u8> = Vec::new();
        for number in [20, 0, method, 0, 0x21] {
            fields.extend(u16::to_le_bytes(number));
        }
        for number in [crc, u32::try_from(content.len()).unwrap(), u32::try_from(size).unwrap()] {
            fields.extend(number.to_le_bytes());
        }
        fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        fields.extend([0, 0]);
        file.extend(b"PK\x03\x04");
        file.extend(&fields);
        file.extend(name.as_bytes());
        file.extend(content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    };
    add("manifest.json", 0, manifest, manifest.len());
    add("notes", 0, padding, padding.len());
    add(name, 8, &packed, BOMB);
    let at = u32::try_from(file.len()).unwrap();
    let length = u32::try_from(directory.len()).unwrap();
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0\x03\0\x03\0");
    file.extend(length.to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend([0, 0]);
    let path = folder.join("large.hindcast");
    std::fs::write(&path, file).unwrap();
    path
}

/// A tar archive whose one entry is of that kind (`0` a file, `L` the name of the next) and large.
fn tar_bomb(folder: &Path, kind: u8) -> PathBuf {
    let mut header = [0; 512];
    header[..6].copy_from_slice(b"a.json");
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{BOMB:011o}\0").as_bytes());
    header[156] = kind;
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut file = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    // A stored block of deflate: not the last; its length and the complement of that.
    file.extend([0, 0, 2, 0xff, 0xfd]);
    file.extend(header);
    file.extend(zeros(BOMB));
    file.extend([0; 8]);
    let path = folder.join("large.tar.gz");
    std::fs::write(&path, file).unwrap();
    path
}

fn again_and_again(folder: &Path) -> PathBuf {
    let path = folder.join("orchestration.sqlite");
    std::fs::copy(fixture("shop-data-dir/projects/oracle/orchestration.sqlite"), &path).unwrap();
    let database = Connection::open(&path).unwrap();
    let sql = "
        INSERT INTO values_ (id, hash, content)
        VALUES (900000, x'00', CAST('\"' || hex(zeroblob(500000)) || '\"' AS BLOB));
        WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO step_arguments SELECT (SELECT min(id) FROM steps), i, 900000 FROM n;";
    database.execute_batch(sql).unwrap();
    path
}
