//! The little arithmetic that the figures need.

/// Mean and variance of a sample.
fn moments(sample: &[f64]) -> (f64, f64) {
    let count = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / count;
    (mean, sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0))
}

/// Welch's t of two samples: below 4.5 nobody who sees the times can tell one from the other.
pub fn welch(a: &[f64], b: &[f64]) -> f64 {
    let ((mean_a, var_a), (mean_b, var_b)) = (moments(a), moments(b));
    (mean_a - mean_b) / (var_a / a.len() as f64 + var_b / b.len() as f64).sqrt()
}

/// The value below which so many hundredths of a sample lie.
pub fn percentile(sample: &[f64], hundredths: f64) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * hundredths / 100.0).round() as usize).copied().unwrap_or(f64::NAN)
}

#[test]
fn samples_that_differ_are_told_from_samples_that_do_not() {
    let wave = |shift: f64| (0..500).map(|n| shift + f64::from(n * 37 % 100)).collect::<Vec<_>>();
    assert!(welch(&wave(0.0), &wave(0.5)).abs() < 1.0);
    assert!(welch(&wave(0.0), &wave(10.0)).abs() > 4.5);
    assert_eq!(percentile(&[4.0, 1.0, 3.0, 2.0, 5.0], 50.0), 3.0);
    assert_eq!(percentile(&[4.0, 1.0, 3.0, 2.0, 5.0], 99.0), 5.0);
}
