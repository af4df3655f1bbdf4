//! What is set is checked and written.

use super::*;

#[test]
fn settings_are_saved_applied_and_checked() {
    let stage = Stage::with(OUT);
    let mut wanted = stage.call("settings", json!({})).unwrap();
    wanted["theme"] = json!("dark");
    wanted["text_size"] = json!(150);
    wanted["start_with_system"] = json!(true);
    wanted["username"] = json!("written by the window");
    let saved = stage.call("save_settings", json!({"settings": wanted})).unwrap();
    assert_eq!((&saved["theme"], &saved["text_size"], &saved["username"]), (&json!("dark"), &json!(150), &Value::Null));
    assert_eq!(stage.system.done(), ["start with system: true"]);
    assert_eq!(stage.call("settings", json!({})), Ok(saved));
    assert_eq!(SettingsFile::new(stage.folder.path()).load().text_size, TextSize::Percent(150));
    for (field, bad) in [("text_size", json!(20)), ("text_size", json!(999))] {
        wanted[field] = bad;
        assert_eq!(stage.fault("save_settings", json!({"settings": wanted})), FaultCode::BadRequest);
    }
    for (field, bad) in [("theme", json!("pink")), ("language", json!("fr")), ("keep_running", json!("yes"))] {
        let mut settings = stage.call("settings", json!({})).unwrap();
        settings[field] = bad;
        assert!(stage.call("save_settings", json!({"settings": settings})).is_err(), "{field}");
    }
}

#[test]
fn settings_that_cannot_be_written_do_not_hold() {
    let stage = Stage::with(OUT);
    std::fs::remove_dir_all(stage.folder.path()).unwrap();
    std::fs::write(stage.folder.path(), "in the way").unwrap();
    let mut wanted = stage.call("settings", json!({})).unwrap();
    wanted["theme"] = json!("dark");
    assert_eq!(stage.fault("save_settings", json!({"settings": wanted})), FaultCode::SettingsUnsaved);
    assert_eq!(stage.call("settings", json!({})).unwrap()["theme"], "system");
    std::fs::remove_file(stage.folder.path()).unwrap();
}
