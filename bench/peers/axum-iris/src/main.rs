//! A small server with axum: the forest of Tepal's model, walked by hand, and no metrics. PORT and FOREST are its settings.

use std::{collections::BTreeMap, env, fs, sync::Arc};

use axum::{extract::State, routing::post, Json, Router};
use serde::{Deserialize, Serialize};

/// What forest-file.ts writes: nodes by index, the roots of the trees, and the shares of each leaf.
#[derive(Deserialize)]
struct Forest {
    labels: Vec<String>,
    roots: Vec<usize>,
    /// -1 for a leaf.
    feature: Vec<i32>,
    threshold: Vec<f32>,
    left: Vec<usize>,
    right: Vec<usize>,
    shares: Vec<Vec<f32>>,
}

/// The body of a request. A missing or unknown field is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flower {
    sepal_length: f32,
    sepal_width: f32,
    petal_length: f32,
    petal_width: f32,
}

#[derive(Serialize)]
struct Prediction {
    prediction: usize,
    label: String,
    probabilities: BTreeMap<String, f32>,
}

impl Forest {
    fn predict(&self, row: [f32; 4]) -> Prediction {
        let mut sums = vec![0.0; self.labels.len()];
        for &root in &self.roots {
            let mut node = root;
            while let Ok(feature) = usize::try_from(self.feature[node]) {
                node = if row[feature] <= self.threshold[node] {
                    self.left[node]
                } else {
                    self.right[node]
                };
            }
            for (sum, share) in sums.iter_mut().zip(&self.shares[node]) {
                *sum += share;
            }
        }
        let mut best = 0;
        for (class, sum) in sums.iter().enumerate() {
            if *sum > sums[best] {
                best = class;
            }
        }
        Prediction {
            prediction: best,
            label: self.labels[best].clone(),
            probabilities: self.labels.iter().cloned().zip(sums).collect(),
        }
    }
}

async fn predict(State(forest): State<Arc<Forest>>, Json(flower): Json<Flower>) -> Json<Prediction> {
    let Flower { sepal_length, sepal_width, petal_length, petal_width } = flower;
    Json(forest.predict([sepal_length, sepal_width, petal_length, petal_width]))
}

/// One thread, as the other servers of the comparison have.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let forest: Forest = serde_json::from_str(&fs::read_to_string(env::var("FOREST")?)?)?;
    let app = Router::new().route("/predict", post(predict)).with_state(Arc::new(forest));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", env::var("PORT")?)).await?;
    Ok(axum::serve(listener, app).await?)
}
